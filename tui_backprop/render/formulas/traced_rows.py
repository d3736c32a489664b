"""A row of the op table followed on entries that only remember what is done with them.

What SymPy makes of a row depends on nothing but the operations that the row carries out on the
entries that it reads, and on the order of their names. Two places for which a row does the same
have one formula under other names, so that SymPy need not be asked twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.shapes import take

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from tui_backprop.rules.derivative import Derivative
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Index, Params, Shape

    Read = tuple[int, int]
    """(operand, flat position); the operand `OWN` is the node itself."""


OWN: Final = -1

_MOST: Final = 1 << 16
"""Operations that are remembered at once."""
_OF_NUMPY: Final = frozenset((
    "cumprod", "cumsum", "matmul", "mean", "prod", "reshape", "sum", "transpose",
    "concatenate", "hstack", "stack", "vstack",
))  # fmt: skip
"""What NumPy itself does with arrays of objects, entry by entry."""
_OTHER: Final = frozenset(("det", "einsum", "inv", "max", "min"))
"""What is done with arrays in ways of SymPy's own."""
_VALUES: Final = frozenset(("nan", "pi"))


class UntraceableError(Exception):
    """A row asks more of an entry than what is done with it."""


class Operations:
    """Every operation that was met, by a number: equal operations have equal numbers."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Hashable, ...], int] = {}

    @property
    def is_full(self) -> bool:
        """Whether so many are remembered that it is time to begin anew."""
        return len(self._numbers) > _MOST

    def clear(self) -> None:
        """Forget all of them: numbers are given again from the first one on."""
        self._numbers.clear()

    def number(self, *operation: Hashable) -> int:
        """The number of an operation: its name, then the numbers of its operands."""
        return self._numbers.setdefault(operation, len(self._numbers))

    def operand(self, value: Any) -> int:
        """The number of an operand, which may be a plain number.

        Raises:
            UntraceableError: it is neither that nor an entry.
        """
        if isinstance(value, Traced):
            return value.number
        if isinstance(value, np.ndarray) and not value.shape:
            return self.operand(value[()])
        if isinstance(value, bool | int | float | np.bool_ | np.integer | np.floating):
            return self.number("number", type(value).__name__, repr(value))
        raise UntraceableError


def _operator(name: str) -> Callable[[Traced, Any], Any]:
    def applied(self: Traced, other: Any) -> Any:
        if isinstance(other, np.ndarray) and other.shape:
            return NotImplemented
        return self.made(name, self.number, self.operations.operand(other))

    return applied


def _reflected(name: str) -> Callable[[Traced, Any], Any]:
    def applied(self: Traced, other: Any) -> Any:
        return self.made(name, self.operations.operand(other), self.number)

    return applied


def _refused(_self: Traced, *_others: object) -> Any:
    raise UntraceableError


class Traced:
    """A quantity that knows which operation made it, and no number.

    Attributes:
        operations: that numbers are given by.
        number: of the operation.
    """

    __slots__ = ("number", "operations")

    def __init__(self, operations: Operations, number: int) -> None:
        self.operations = operations
        self.number = number

    def made(self, *operation: Hashable) -> Traced:
        """The quantity that an operation gives."""
        return Traced(self.operations, self.operations.number(*operation))

    def __neg__(self) -> Traced:
        return self.made("negative", self.number)

    def __pos__(self) -> Traced:
        return self

    def __abs__(self) -> Traced:
        return self.made("absolute", self.number)

    __add__, __radd__ = _operator("+"), _reflected("+")
    __sub__, __rsub__ = _operator("-"), _reflected("-")
    __mul__, __rmul__ = _operator("*"), _reflected("*")
    __truediv__, __rtruediv__ = _operator("/"), _reflected("/")
    __floordiv__, __rfloordiv__ = _operator("//"), _reflected("//")
    __mod__, __rmod__ = _operator("%"), _reflected("%")
    __pow__, __rpow__ = _operator("**"), _reflected("**")
    __lt__, __le__, __gt__, __ge__ = map(_operator, ("<", "<=", ">", ">="))
    __and__, __or__ = _operator("&"), _operator("|")
    __eq__ = __ne__ = _refused  # SymPy compares formulas: that is no operation on them
    __bool__ = __int__ = __float__ = __index__ = __len__ = __iter__ = __getitem__ = _refused
    __hash__ = None  # type: ignore[assignment]  # nothing is looked up by a quantity


class _Functions:
    """``m`` for rows that are followed."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._known: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self._made(name)
        return found

    def named(self, name: str) -> Traced:
        """A formula under a name of ours."""
        return Traced(self._operations, self._operations.number("named", name))

    def _made(self, name: str) -> Any:
        if name in _VALUES:
            return Traced(self._operations, self._operations.number(name))
        if name in _OTHER:
            return _refused
        if name in _OF_NUMPY:
            return _structural(getattr(np, name))

        def one(*values: Any) -> Traced:
            operands = map(self._operations.operand, values)
            return Traced(self._operations, self._operations.number(name, *operands))

        def lifted(*values: Any) -> Any:
            if any(isinstance(x, np.ndarray) and x.shape for x in values):
                return np.frompyfunc(one, len(values), 1)(*values)
            return one(*values)

        return lifted


def _structural(function: Callable[..., Any]) -> Callable[..., Any]:
    def applied(first: Any, *others: Any, **params: Any) -> Any:
        return function(_objects(first), *others, **params)

    return applied


def _objects(value: Any) -> Any:
    return np.array(value, dtype=object) if isinstance(value, Traced) else value


class _Operand:
    """An operand, or the node itself, whose entries are read."""

    def __init__(self, shape: Shape, read: Callable[[int], Any]) -> None:
        self.shape = shape
        self._read = read

    def __getitem__(self, index: Index) -> Any:
        flat = 0
        if len(index) != len(self.shape):
            raise UntraceableError
        for place, length in zip(index, self.shape, strict=True):
            if not 0 <= place < length:
                raise UntraceableError
            flat = flat * length + int(place)
        return self._read(flat)


class _Value(_Operand):
    """The value of a node that is a formula in its operands, entry by entry."""

    def __init__(self, shape: Shape, formula: Callable[[Index], Any]) -> None:
        super().__init__(shape, lambda _: None)
        self._formula = formula

    def __getitem__(self, index: Index) -> Any:
        return self._formula(index)


class RowTracer:
    """Follows one derivative of one node.

    Attributes:
        reads: the entries that the last place read, each once, in the order they were read.
    """

    def __init__(
        self,
        operations: Operations,
        rule: Rule,
        derivative: Derivative,
        params: Params,
        shapes: Sequence[Shape],
        numbers: Callable[[int, int], float | None],
    ) -> None:
        """Prepare to follow it.

        Args:
            operations: that numbers are given by.
            rule: of the node.
            derivative: of the rule.
            params: of the node.
            shapes: of the node, then of its operands.
            numbers: of an entry of an operand, where the formula has its number and not its name.
        """
        self.reads: dict[Read, int] = {}
        self._operations = operations
        self._functions = _Functions(operations)
        self._derivative, self._params = derivative, params
        self._numbers = numbers
        self._operands = tuple(
            _Operand(shape, self._reader(at)) for at, shape in enumerate(shapes[1:])
        )
        self._output = _Operand(shapes[0], self._reader(OWN))
        if rule.elementwise:
            self._output = _Value(shapes[0], lambda at: rule.forward(
                self._functions, *[take(x, at) for x in self._operands], **params
            ))  # fmt: skip

    def followed(self, j: Index, i: Index) -> int:
        """The number of the operation that gives the partial ∂y[j]/∂x[i].

        Raises:
            UntraceableError: the row does what cannot be followed.
        """
        self.reads = {}
        try:
            found = self._derivative.entries(
                self._functions, j, i, self._output, self._operands, self._params
            )
        except (TypeError, ValueError, AttributeError, IndexError) as error:
            raise UntraceableError from error
        return self._operations.operand(found)

    def _reader(self, operand: int) -> Callable[[int], Traced]:
        operations = self._operations

        def read(flat: int) -> Traced:
            number = None if operand == OWN else self._numbers(operand, flat)
            if number is not None:
                return Traced(operations, operations.number("entry", repr(number)))
            slot = self.reads.setdefault((operand, flat), len(self.reads))
            return Traced(operations, operations.number("slot", slot))

        return read
