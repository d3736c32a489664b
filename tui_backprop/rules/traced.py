"""A row called on placeholders, which note what it does with them: arithmetic without the calls.

What the row does in Python, choosing a formula by shapes or by a number that the program writes, is
done once. What it does that is no arithmetic, or depends on the numbers, cannot be noted: such a
row is called each time, as ever.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from tui_backprop.pattern import pattern
from tui_backprop.rules.shapes import broadcast_shape, reduced_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.rules.types import Shape

_OPERATORS: Final = {np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/"}
"""What an operator between arrays calls, and between plain NumPy numbers computes sooner."""
_FUNCTIONS: Final = {sign: ufunc for ufunc, sign in _OPERATORS.items()}
_MATRICES: Final = 2
_WORD: Final = pattern(r"[^\W\d]\w*|\w+")
_NUMBERED: Final = pattern(r"[acv][0-9]+|[0-9]+")
_WORDS: Final = frozenset(
    ("T", "True", "None", "and", "dot", "dtype", "found", "if", "is", "not", "record_at", "return")
)
_SIGNS: Final = frozenset(" \n.,:()[]=+-*/@")
"""What generated code is written with, beside numbered names and those of arguments."""


class NotTracedError(Exception):
    """A row does something that is not noted. Whoever traces it calls it instead."""


class Names:
    """What a text of generated code calls the objects that it uses; nothing else is in its text."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._found: dict[str, Any] = {}
        self._dtype = dtype
        self._of: dict[int, str] = {}

    @property
    def dtype(self) -> str:
        """The name of the dtype that is computed with."""
        return self.of(self._dtype)

    def of(self, thing: Any) -> str:
        """The name of an object; the same for the same object."""
        name = self._of.get(id(thing))
        if name is None:  # what has a name is kept, so that no other gets its id
            name = self._of[id(thing)] = f"c{len(self._of)}"
            self._found[name] = thing
        return name

    def number(self, found: Any) -> str:
        """The name of a number that does not change the dtype of what it meets."""
        if type(found) in {int, float} or type(found) is self._dtype.type:
            return self.of(found)
        raise NotTracedError

    def function(self, arguments: tuple[str, ...], lines: Sequence[str]) -> Any:
        """The function with these lines, which knows these objects and no other, no builtin either.

        Args:
            arguments: the names of its own.
            lines: numbered names, what is done with them, and nothing else: no text in quotes, and
                no word that is not among the few below.

        Raises:
            AssertionError: there is something else in them.
        """
        body = "\n  ".join([*lines, "return"])
        for word in _WORD.findall(body):
            if not (word in _WORDS or word in arguments or _NUMBERED.fullmatch(word)):
                raise AssertionError(f"{word} is no word of generated code")
        if not _SIGNS.issuperset(_WORD.sub("", body)):
            raise AssertionError("there is a sign in generated code that it has no use for")
        code = compile(f"def made({', '.join(arguments)}):\n  {body}\n", "<made of rows>", "exec")
        known: dict[str, Any] = {**self._found, "__builtins__": {}}
        exec(code, known)  # noqa: S102 - each word was looked at above, and none is from a scenario
        return known["made"]


class Traced:
    """An array, or a number, that is not there yet: the text of code that computes it.

    Attributes:
        shape: of the array; that of a number is empty.
        is_plain: whether it is certain that its entries lie in memory row by row.
    """

    __slots__ = ("_given", "_into", "_names", "_text", "is_plain", "shape")

    def __init__(
        self, text: str, shape: Shape, names: Names, *, is_plain: bool = False, into: str = ""
    ) -> None:
        self._text = text
        self._into = into
        self._names = names
        self._given: Callable[[], str] | None = None
        self.shape = shape
        self.is_plain = is_plain

    @classmethod
    def given(
        cls, name: Callable[[], str], shape: Shape, names: Names, *, is_plain: bool = False
    ) -> Traced:
        """One that is there, and may be used at any number of places; ``name`` is asked then."""
        found = cls("", shape, names, is_plain=is_plain)
        found._given = name
        return found

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many entries it has."""
        return prod(self.shape)

    @property
    def T(self) -> Traced:
        """Its axes in reverse order."""
        return self._made(f"{self.use()}.T", self.shape[::-1])

    def use(self) -> str:
        """The text, for use at one place: what is used at two would be computed twice.

        Raises:
            NotTracedError: it was used before.
        """
        if self._given is not None:
            return self._given()
        text, self._text = self._text, ""
        if not text:
            raise NotTracedError
        return text

    def use_into(self, array: str) -> str:
        """The text, of code that writes the result into an array where that changes nothing.

        Args:
            array: the text of code that gives one, with entries row by row, or None for a new one.
        """
        if not self._into or not self.is_plain:
            return self.use()
        self.use()
        return f"{self._into}, {array})"

    def _made(self, text: str, shape: Shape) -> Traced:
        return Traced(text, shape, self._names)

    def _called(self, call: str, shape: Shape, operands: tuple[Any, ...], text: str = "") -> Traced:
        """A call that takes an array for its result last; ``text`` is quicker without one."""
        is_plain = all(_is_plain(operand) for operand in operands)
        return Traced(text or f"{call})", shape, self._names, is_plain=is_plain, into=call)

    def _text_of(self, operand: Any) -> str:
        return operand.use() if isinstance(operand, Traced) else self._names.number(operand)

    def _between(self, left: Any, sign: str, right: Any) -> Traced:
        shape = broadcast_shape(_shape(left), _shape(right))
        one, other = self._text_of(left), self._text_of(right)
        call = f"{self._names.of(_FUNCTIONS[sign])}({one}, {other}"
        return self._called(call, shape, (left, right), f"({one} {sign} {other})")

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **keywords: Any) -> Traced:
        """Note a function of NumPy that gives floating-point numbers for such."""
        if not _keeps_floats(ufunc):
            raise NotTracedError
        if method == "reduce" and operands == (self,):
            return self._reduced(ufunc, **keywords)
        if method != "__call__" or keywords:
            raise NotTracedError
        if ufunc in _OPERATORS:
            return self._between(operands[0], _OPERATORS[ufunc], operands[1])
        shapes = [_shape(operand) for operand in operands]
        shape = _product_shape(*shapes) if ufunc is np.matmul else broadcast_shape(*shapes)
        written = ", ".join(self._text_of(operand) for operand in operands)
        return self._called(f"{self._names.of(ufunc)}({written}", shape, operands)

    def _reduced(self, ufunc: Any, axis: Any = 0, keepdims: bool = False) -> Traced:
        call = f"{self._names.of(ufunc.reduce)}({self.use()}, {self._names.of(axis)}"
        shape = reduced_shape(self.shape, axis, keepdims)
        return self._made(f"{call}, None, None, True)" if keepdims else f"{call})", shape)

    def repeated(self, shape: Shape) -> Traced:
        """Of a number an array of it, read-only."""
        if self.shape:
            raise NotTracedError
        names = self._names
        strides = names.of((0,) * len(shape))
        written = f"{names.of(shape)}, {names.dtype}, {self.use()}, 0, {strides}"
        made = self._made(f"{names.of(np.ndarray)}({written})", shape)
        made.is_plain = True  # every order is the same for it
        return made

    def __getitem__(self, index: Any) -> Traced:
        """Note where axes of length 1 are put in; what takes entries is not noted."""
        places = index if isinstance(index, tuple) else (index,)
        if any(place is not None and place != slice(None) for place in places):
            raise NotTracedError
        shape = np.broadcast_to(False, self.shape)[index].shape
        written = ", ".join("None" if place is None else ":" for place in places)
        made = self._made(f"{self.use()}[{written},]", shape)
        made.is_plain = self.is_plain
        return made

    def __add__(self, other: Any) -> Traced:
        return self._between(self, "+", other)

    def __radd__(self, other: Any) -> Traced:
        return self._between(other, "+", self)

    def __sub__(self, other: Any) -> Traced:
        return self._between(self, "-", other)

    def __rsub__(self, other: Any) -> Traced:
        return self._between(other, "-", self)

    def __mul__(self, other: Any) -> Traced:
        return self._between(self, "*", other)

    def __rmul__(self, other: Any) -> Traced:
        return self._between(other, "*", self)

    def __truediv__(self, other: Any) -> Traced:
        return self._between(self, "/", other)

    def __rtruediv__(self, other: Any) -> Traced:
        return self._between(other, "/", self)

    def __matmul__(self, other: Any) -> Traced:
        shape = _product_shape(self.shape, _shape(other))
        return self._made(f"({self.use()} @ {self._text_of(other)})", shape)

    def dot(self, other: Any) -> Traced:
        """As ``matmul`` of matrices and vectors."""
        shape = _product_shape(self.shape, _shape(other))
        return self._called(f"{self.use()}.dot({self._text_of(other)}", shape, ())

    def __neg__(self) -> Traced:
        return self._made(f"(-{self.use()})", self.shape)

    def _depends(self, *_asked: Any, **_named: Any) -> NoReturn:
        raise NotTracedError

    # Whatever asks for numbers, or makes an array of it.
    __bool__ = __float__ = __int__ = __index__ = __len__ = __iter__ = __contains__ = _depends
    __array__ = __array_function__ = __getattr__ = _depends
    __lt__ = __le__ = __gt__ = __ge__ = __pow__ = __rpow__ = __floordiv__ = __mod__ = _depends
    __eq__ = __ne__ = _depends  # no answer, rather than a wrong one
    __hash__ = object.__hash__


def traced(row: Callable[..., Any], operands: tuple[Any, ...], shape: Shape) -> Traced | None:
    """What a row computes from placeholders; None where that cannot be noted.

    Args:
        row: called with the operands.
        operands: placeholders, and numbers that are known.
        shape: what the result has to have.
    """
    try:
        with np.errstate(all="ignore"):  # of numbers that are known
            found = row(*operands)
    except (NotTracedError, TypeError, ValueError, AttributeError):
        return None
    return found if isinstance(found, Traced) and found.shape == shape else None


def _is_plain(operand: Any) -> bool:
    return not isinstance(operand, Traced) or operand.is_plain


def _shape(operand: Any) -> Shape:
    return operand.shape if isinstance(operand, Traced) else ()


def _keeps_floats(ufunc: Any) -> bool:
    """Whether float64 gives float64 and float32 gives float32, one result for all operands."""
    return all(f"{letter * ufunc.nin}->{letter}" in ufunc.types for letter in "df")


def _product_shape(a: Shape, b: Shape) -> Shape:
    """That of a product of matrices and vectors without further axes."""
    if not 0 < len(a) <= _MATRICES or not 0 < len(b) <= _MATRICES:
        raise NotTracedError
    return (*a[:-1], *b[1:])
