"""The record of what a NumPy function did with its traced arrays: a list of ops with their values.

Every value is NumPy's own; what the ops of the table make of the same numbers is compared later.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from tui_backprop.attach.numpy.frames import (
    Place,
    name_given,
    name_of,
    refused,
    user_frame,
    user_place,
)
from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.graph.model import NO_PARAMS
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Params, Shape

_REAL: Final = "biuf"
_SMALL: Final = 10_000
"""Entries of a constant without a name that is compared with others."""
_COMPLEX: Final = said("complex numbers cannot be traced: a program here is made of real ones")
_REAL_ADVICE: Final = said("write the real and the imaginary part as two arrays")


@dataclass(slots=True, eq=False)
class Entry:
    """A value of the record: a leaf, or an op applied to values before it.

    Attributes:
        number: its place in the record.
        kind: what it is; of constants and inputs ``wanted`` is the name.
        value: as NumPy computed it: an array, or one of NumPy's numbers.
        wanted: what the user's code calls it; empty where it has no name there.
        place: the user's line.
        rule: the op; None for a leaf.
        operands: values, and plain numbers that the user wrote or that are the same in every run.
        params: the op's static arguments.
        is_met: whether it has been an operand: by then it has the name that it will have.
        key: of an index, the constant or the condition that stands in place of each part; None
            where the part is written out.
    """

    number: int
    kind: Literal["input", "constant", "op"]
    value: Any
    wanted: str
    place: Place
    rule: Rule | None = None
    operands: tuple[Entry | float, ...] = ()
    params: Params = field(default_factory=lambda: NO_PARAMS)
    key: tuple[Entry | None, ...] = ()
    is_met: bool = False

    @property
    def reads(self) -> Iterator[Entry]:
        """The values that it is made of."""
        return (e for e in (*self.operands, *self.key) if isinstance(e, Entry))

    @property
    def shape(self) -> Shape:
        """Of its value."""
        return np.shape(self.value)


class Record:
    """Everything that one run of a function did with traced arrays.

    Attributes:
        inputs: the differentiable leaves, in order.
        constants: arrays that the function met, in order.
        entries: how many values there are.
        decisions: how often the numbers decided what is computed, by the user's line.
        numbered: the inputs whose names end in numbers, until the function has one for them.
        plain: the lines at which an array of objects was made of traced numbers.
        call_function: what a function of NumPy does with traced arrays.
        call_ufunc: the same for its ufuncs.
    """

    def __init__(
        self,
        call_function: Callable[[Record, Any, Sequence[Any], Mapping[str, Any]], Any],
        call_ufunc: Callable[[Record, Any, str, Sequence[Any], Mapping[str, Any]], Any],
    ) -> None:
        self.inputs: list[Entry] = []
        self.constants: list[Entry] = []
        self.entries = 0
        self.decisions: Counter[Place] = Counter()
        self.numbered: set[Entry] = set()
        self.plain: list[Place] = []
        self.call_function = call_function
        self.call_ufunc = call_ufunc
        self._steps = 0
        self._known: dict[int, tuple[Array, Entry]] = {}
        self._unnamed: dict[tuple[str, Shape, bytes], Entry] = {}
        self._changed: dict[int, tuple[Any, int, Place]] = {}

    def input(self, value: Any, name: str, place: Place) -> Entry:
        """A differentiable leaf; the caller's numbers are copied, so that none of them changes."""
        held = value if isinstance(value, np.generic) else np.array(value)
        entry = Entry(self._next(), "input", held, name, place)
        self.inputs.append(entry)
        return entry

    def op(
        self,
        rule: Rule,
        operands: Sequence[Entry | float],
        params: Params,
        value: Any,
        key: tuple[Entry | None, ...] = (),
    ) -> Entry:
        """One op, after it was computed.

        Raises:
            TraceError: the op of the table would give another shape, or the value is complex.
        """
        self.check_real(value)
        self._check_shape(rule, operands, params, np.shape(value))
        number, name = self._next(), "" if self._steps else name_given()
        return Entry(number, "op", value, name, user_place(), rule, tuple(operands), params, key)

    @contextmanager
    def steps(self) -> Iterator[None]:
        """What is done within are the steps of one function: none of them is what it returns."""
        self._steps += 1
        try:
            yield
        finally:
            self._steps -= 1

    def give(self, entry: Entry, value: Any) -> None:
        """Let the last of several steps be what the function returns, with NumPy's own numbers."""
        self.check_real(value)
        entry.value, entry.wanted = value, "" if self._steps else name_given()

    def operand(self, value: Any) -> Entry | float:
        """A plain value that meets a traced one: a number stays what it is, an array is a constant.

        Raises:
            TraceError: it is neither.
        """
        if isinstance(value, bool | np.bool_ | int | np.integer):
            return int(value)
        if isinstance(value, float | np.floating):
            return float(value)
        self.check_kind(value)
        try:
            array = np.asarray(value)
        except ValueError:
            raise refused(said("the rows of this list are not equally long")) from None
        self.check_real(array)
        if array.ndim == 0:
            return self.operand(array[()])
        self.check_current(array, 0)
        held = self._known.get(id(value))
        if held is not None and held[0] is value and _is_same(held[1].value, array):
            return held[1]
        entry = self._constant(array, name_of(user_frame(), value))
        self._known[id(value)] = (value, entry)
        return entry

    def _constant(self, array: Array, name: str) -> Entry:
        """A leaf without a gradient; what is made anew in each turn of a loop is one leaf."""
        is_compared = not name and array.size <= _SMALL
        key = (array.dtype.str, array.shape, array.tobytes() if is_compared else b"")
        if is_compared and key in self._unnamed:
            return self._unnamed[key]
        # A copy: the function may go on to change its own array.
        entry = Entry(self._next(), "constant", array.copy(), name, user_place())
        self.constants.append(entry)
        if is_compared:
            self._unnamed[key] = entry
        return entry

    def decided(self) -> None:
        """Note that a number was asked for what to do: what is done is fixed from here on."""
        self.decisions[user_place()] += 1

    def check_kind(self, value: Any, place: Place | None = None) -> None:
        """Refuse arrays whose operators mean something else than those of arrays."""
        if isinstance(value, np.matrix | np.ma.MaskedArray):
            kind = type(value).__name__
            message = said("a {kind} has operators of its own, which no op stands for", kind=kind)
            raise refused(message, said("write np.asarray(x), or np.where(mask, x, 0)"), place)

    def check_real(self, value: Any) -> None:
        """Refuse what is no array of real numbers."""
        dtype = np.asarray(value).dtype
        if dtype.kind == "c":
            raise refused(_COMPLEX, _REAL_ADVICE)
        if dtype.kind not in _REAL:
            raise refused(said("an array of {dtype} is no array of numbers", dtype=dtype))

    def change(self, value: Any) -> None:
        """Note that NumPy would have changed an array in place, where we have made another one."""
        root = _root(value)
        if root is not None:
            self._changed[id(root)] = (root, self.entries, user_place())

    def check_current(self, value: Any, number: int) -> None:
        """Refuse an array whose numbers NumPy would have changed since they were traced."""
        if not self._changed:
            return
        root = _root(value)
        found = self._changed.get(id(root))
        if root is not None and found is not None and found[0] is root and number <= found[1]:
            message = said(
                "this array was changed in place on line {line}, and is read here under another "
                "name: its numbers would be others in NumPy",
                line=found[2].line,
            )
            raise refused(message, said("write a = a + b there, in place of a += b"))

    def _next(self) -> int:
        self.entries += 1
        return self.entries

    def _check_shape(
        self, rule: Rule, operands: Sequence[Entry | float], params: Params, shape: Shape
    ) -> None:
        shapes = [o.shape if isinstance(o, Entry) else () for o in operands]
        try:
            found = rule.shape(*shapes, **params)
        except (ArgumentError, ShapeError) as error:
            raise refused(f"{rule.name}: {error}") from None
        if found != shape:
            raise refused(
                said(
                    "NumPy gives the shape {shape} here, and the op '{op}' gives {found}",
                    shape=shape,
                    op=rule.name,
                    found=found,
                )
            )


def _root(value: Any) -> Any:
    """The array that owns the memory of a value; None for a number, which nobody can change."""
    if not isinstance(value, np.ndarray):
        return None
    while isinstance(value.base, np.ndarray):
        value = value.base
    return value


def _is_same(before: Array, now: Array) -> bool:
    """Whether an array holds the same bits as the copy that was made of it."""
    if before.dtype != now.dtype or before.shape != now.shape:
        return False
    ours, theirs = (np.ascontiguousarray(a).view(np.uint8) for a in (before, now))
    return np.array_equal(ours, theirs)
