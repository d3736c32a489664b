"""Whether a row of the op table does what another program's op did: by their numbers.

Its value must be the recorded one, and its vᵀJ what was passed on, NaN and infinities included.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import TuiBackpropError
from tui_backprop.graph.jacobian import coordinates, picked
from tui_backprop.rules.shapes import unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Params, Shape

_MOST: Final = 1 << 18
"""Multiplications that are repeated; of a longer product only some columns of J are looked at."""
_COMPARED: Final = 1 << 11
"""Entries of a large array that are compared, evenly spread."""
_COLUMNS: Final = 6
_TOLERANCES: Final = {"float64": 1e-9, "float32": 1e-4, "bfloat16": 0.0, "float16": 0.0}
"""By dtype, relative; half precision rounds away what would tell, save where nothing is rounded."""
_PERIOD: Final = 4099
"""Numbers of a v of our own before they come again: a prime, so that no two rows are alike."""
_ROUNDINGS: Final = 256
"""Roundings of a large operand, or of v, that may be left where sums cancel."""


@dataclass(frozen=True, slots=True, eq=False)
class Applied:
    """A row on numbers.

    Attributes:
        rule: the row.
        params: its static arguments.
        operands: their values.
        y: the value that was recorded.
        precision: the dtype in which the other program computed.
    """

    rule: Rule
    params: Params
    operands: tuple[Array, ...]
    y: Array
    precision: str

    def gives_value(self) -> bool:
        """Whether the row's value is the recorded one; of a long product its J has to tell."""
        if self._is_long:
            return True
        found = self.rule.forward(np, *self.operands, **self.params)
        largest = max((_largest(x) for x in self.operands), default=0.0)
        return self._is_close(found, self.y, largest)

    def pulls(self, v: Array, passed_on: Mapping[int, Array], *, cancels: bool = False) -> bool:
        """Whether the row's ``vᵀJ`` is what was passed on, by argument.

        Args:
            v: the cotangent.
            passed_on: by argument number, in the operand's shape.
            cancels: whether the sums may cancel to nothing but roundings of v.
        """
        if self._is_long and np.isfinite(v).all():
            return all(self._columns_pull(a, v, wanted) for a, wanted in passed_on.items())
        room = _largest(v) if cancels else 0.0
        return all(
            self._is_close(self.pulled(argument, v), wanted, room)
            for argument, wanted in passed_on.items()
        )

    @property
    def _chooses(self) -> bool:
        """Whether a single entry may tell: of a tie, or one on a bound."""
        return bool(self.rule.convention)

    @property
    def _is_long(self) -> bool:
        shapes = tuple(x.shape for x in self.operands)
        is_product = self.rule.cost is not None and not self._chooses
        return is_product and self.rule.multiplications(self.y.shape, shapes, self.params) > _MOST

    def _columns_pull(self, argument: int, v: Array, wanted: Array) -> bool:
        """Whether a few columns of J give what is wanted; the largest entry is one of them."""
        derivative, x = self.rule.derivative(argument), self.operands[argument]
        pattern = derivative.picked(self.y.shape, self.operands, self.params)
        columns = np.random.default_rng(17).integers(x.size, size=_COLUMNS)
        columns[0] = np.argmax(np.abs(_some(wanted))) * _stride(wanted.size)
        for i in columns.tolist():
            rows = pattern.rows(i)
            j, at = coordinates(rows, self.y.shape), coordinates(i, x.shape)
            partials = derivative.entries(np, j, at, self.y, self.operands, self.params)
            terms = derivative.contribution(v.reshape(-1)[rows], partials)
            room = _TOLERANCES[self.precision] * float(np.sum(np.abs(terms)))
            if not abs(float(np.sum(terms)) - float(wanted.flat[i])) <= room:
                return False
        return True

    def is_exactly_the_value(self) -> bool:
        """`gives_value` of a row that moves entries and computes none."""
        found = self.rule.forward(np, *self.operands, **self.params)
        return np.array_equal(found, self.y, equal_nan=True)

    def pulled(self, argument: int, v: Array) -> Array:
        """``vᵀJ`` of one operand, in its shape."""
        derivative = self.rule.derivative(argument)
        found = derivative.vjp(v, self.y, self.operands, self.params)
        return unbroadcast(found, self.operands[argument].shape) if self.rule.elementwise else found

    def _is_close(self, found: Any, wanted: Array, largest: float) -> bool:
        if np.shape(found) != wanted.shape:
            return False
        if not self._chooses:
            found, wanted = _some(np.asarray(found)), _some(wanted)
        relative = _TOLERANCES[self.precision]
        rounding = _ROUNDINGS * float(np.finfo(self.precision).eps) if relative else 0.0
        absolute = relative * _largest(wanted) + rounding * largest
        if bool((np.abs(found - wanted) <= absolute + relative * np.abs(wanted)).all()):
            return True  # quicker than what knows of NaN and infinities
        return bool(np.allclose(found, wanted, rtol=relative, atol=absolute, equal_nan=True))


def agrees(
    op: Applied,
    v: Array,
    passed_on: Mapping[int, Array],
    ask: Callable[[Array], Sequence[Array]],
) -> bool:
    """Whether the row is the op that was recorded.

    The recorded v tells little where it is 0, and where slopes are a matter of convention or sums
    cancel; then the op itself is asked about another one.

    Args:
        op: the row, on the recorded numbers.
        v: what arrived.
        passed_on: what was passed on, by argument of the row.
        ask: the op's own ``vᵀJ``, in the order of ``passed_on``.
    """
    if op.precision not in _TOLERANCES:
        return False
    try:
        with np.errstate(all="ignore"):
            shapes = tuple(x.shape for x in op.operands)
            if op.rule.shape(*shapes, **op.params) != op.y.shape or not op.gives_value():
                return False
            is_telling = bool(np.any(v) if not op.rule.convention else np.all(v))
            if is_telling and op.pulls(v, passed_on):
                return True
            v_of_ours = probe(op.y.shape, op.y.dtype)
            own = dict(zip(passed_on, ask(v_of_ours), strict=True))
            return op.pulls(v_of_ours, own) and op.pulls(v, passed_on, cancels=True)
    except (TuiBackpropError, ArithmeticError, ValueError, TypeError, LookupError):
        return False  # a row that does not take these operands is not the op


@lru_cache(maxsize=1)
def _some_numbers() -> Array:
    random = np.random.default_rng(17)
    return np.asarray(random.uniform(0.5, 1.5, _PERIOD) * random.choice((-1.0, 1.0), _PERIOD))


def probe(shape: Shape, dtype: np.dtype[Any]) -> Array:
    """A v of numbers of either sign without a zero, always the same ones."""
    return np.resize(_some_numbers().astype(dtype), shape)


def _stride(size: int) -> int:
    """Odd, so that they are not all of one column."""
    return size // _COMPARED | 1


def _some(x: Array) -> Array:
    """All entries, or as many of a large array as are compared, in the order in which they lie."""
    stride = _stride(x.size)
    if stride == 1:
        return x.ravel()
    if x.flags.c_contiguous:
        return x.reshape(-1)[::stride]
    return picked(x, np.arange(0, x.size, stride))


def _largest(x: Array) -> float:
    """The largest finite magnitude of those; 0 where there is none."""
    magnitudes = np.abs(_some(x))
    return float(np.max(magnitudes, initial=0.0, where=np.isfinite(magnitudes)))
