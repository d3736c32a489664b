"""The interpretation of rows as formulas: NumPy's names, done by SymPy.

Importing SymPy takes a third of a second, so this module is imported only when a formula is drawn
or checked.

Functions take expressions, numbers, or object arrays of them, entry by entry; the structural ones
are NumPy's own, on object arrays. No string is ever given to SymPy but the names of symbols, and
those pass an allow-list first.
"""

from __future__ import annotations

import re
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import sympy
from sympy.matrices.exceptions import NonInvertibleMatrixError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Params, Shape

_NAME: Final = re.compile(r"[^\W\d]\w*(?:[.@]\w+)*")


class Symbols:
    """The entries of an operand as symbols, each made when it is asked for.

    Attributes:
        name: the operand's; entry [0, 2] is the symbol ``name_0_2``, a number is ``name``.
        shape: how many there are.
        start: what the first entry along an axis is called.
    """

    def __init__(self, name: str, shape: Shape, start: int = 0) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot name a symbol")
        self.name = name
        self.shape = shape
        self.start = start

    def __getitem__(self, index: Index) -> sympy.Symbol:
        """The symbol of one entry, by a coordinate per axis, each from 0."""
        parts = (str(int(c) + self.start) for c in index)
        return sympy.Symbol("_".join((self.name, *parts)), real=True)


def symbols_for(name: str, shape: Shape, start: int = 0) -> Array:
    """All entries of an operand as real symbols: an object array of ``shape``, see `Symbols`."""
    symbols = Symbols(name, shape, start)
    made = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        made[index] = symbols[index]
    return made


def expression(value: Any) -> sympy.Basic:
    """A number or formula as SymPy's own: 0.5 and 1/3 stay what they are, 2.0 becomes 2.

    Raises:
        TypeError: it is neither; a string in particular.
    """
    if isinstance(value, np.ndarray) and not value.shape:
        value = value[()]
    if isinstance(value, sympy.Basic):
        return value
    if isinstance(value, bool | np.bool_):
        return sympy.true if value else sympy.false
    if isinstance(value, int | np.integer):
        return sympy.Integer(int(value))
    if isinstance(value, float | np.floating):
        number = float(value)
        return sympy.Integer(int(number)) if number.is_integer() else sympy.Float(number)
    raise TypeError(f"a formula is made of numbers and symbols, not of {type(value).__name__}")


def partial_expression(
    rule: Rule, argument: int, j: Index, i: Index, y: Any, operands: tuple[Any, ...], params: Params
) -> sympy.Basic:
    """∂y[j]/∂x[i] as a formula; places are integer coordinates inside the sparsity.

    y and the operands are `Symbols`, or object arrays of formulas.
    """
    found = rule.derivative(argument).entries(SYMBOLIC, j, i, y, operands, params)
    return expression(found)


def _lifted(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of formulas that also takes numbers, and object arrays entry by entry."""

    def one(*values: Any) -> Any:
        return function(*map(expression, values))

    def lifted(*values: Any) -> Any:
        if any(isinstance(x, np.ndarray) for x in values):
            return np.frompyfunc(one, len(values), 1)(*values)
        return one(*values)

    return lifted


def _where(condition: sympy.Basic, x: sympy.Basic, y: sympy.Basic) -> sympy.Basic:
    """A choice, made at once where the condition is decided; a number holds if it is not 0."""
    holds = sympy.Ne(condition, 0) if isinstance(condition, sympy.Expr) else condition
    others = y.args if isinstance(y, sympy.Piecewise) else ((y, True),)
    return sympy.Piecewise((x, holds), *others)


def _structural(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's function, on formulas as objects whatever NumPy would make of them."""

    def applied(*operands: Any, **params: Any) -> Any:
        return function(*(_objects(x) for x in operands), **params)

    return applied


def _chosen(function: Callable[..., Any]) -> Callable[..., Any]:
    """A choice of two, applied along axes; formulas cannot be compared as NumPy does it."""
    ufunc = np.frompyfunc(lambda x, y: function(expression(x), expression(y)), 2, 1, identity=None)
    return _structural(ufunc.reduce)


def _joined(function: Callable[..., Any]) -> Callable[..., Any]:
    """A structural function of NumPy's that takes its arrays in a list."""
    return lambda arrays, **params: function([_objects(x) for x in arrays], **params)


def _objects(operand: Any) -> Any:
    return np.asarray(operand, dtype=object) if isinstance(operand, sympy.Basic) else operand


def _matrix(a: Array) -> sympy.Matrix:
    return sympy.Matrix(*a.shape, list(a.ravel()))


def _det(a: Array) -> Array:
    """The determinant of each matrix, without division: no entry must be known not to be 0."""
    found = np.empty(a.shape[:-2], dtype=object)
    for place in np.ndindex(found.shape):
        found[place] = _matrix(a[place]).det(method="berkowitz")
    return found


def _inv(a: Array) -> Array:
    """The inverse of each matrix; NaN where there is none."""
    found = np.full(a.shape, sympy.nan, dtype=object)
    for place in np.ndindex(a.shape[:-2]) if a.size else ():
        with suppress(NonInvertibleMatrixError):
            found[place] = np.array(_matrix(a[place]).inv().tolist(), dtype=object)
    return found


class Named(sympy.Symbol):  # type: ignore[misc]  # SymPy has no types
    """A formula too long to write out, by a name of ours: never equal to an entry's."""


class _Flat:
    """Constant between jumps, so its derivative is 0; SymPy leaves it open."""

    def _eval_derivative(self, _symbol: Any) -> sympy.Expr:
        return sympy.S.Zero


class _Floor(_Flat, sympy.floor):  # type: ignore[misc]  # the same
    """⌊x⌋."""


class _Ceiling(_Flat, sympy.ceiling):  # type: ignore[misc]  # the same
    """⌈x⌉."""


class _Rounded(_Flat, sympy.Function):  # type: ignore[misc]  # the same
    """The nearest whole number, halves to the even one."""

    def _eval_evalf(self, prec: int) -> Any:
        x = self.args[0].evalf(prec)
        return sympy.Integer(round(x)) if x.is_number and x.is_finite else None


class _CubeRoot(sympy.Function):  # type: ignore[misc]  # the same
    """The real cube root, of negative numbers too; SymPy's own is complex there."""

    def fdiff(self, argindex: int = 1) -> Any:
        """1/(3·cbrt²(x))."""
        del argindex  # there is one argument
        return 1 / (3 * self**2)

    def _eval_evalf(self, prec: int) -> Any:
        x = self.args[0].evalf(prec)
        return sympy.sign(x) * sympy.cbrt(abs(x)).evalf(prec) if x.is_number else None


class _Truncated(_Flat, sympy.Function):  # type: ignore[misc]  # the same
    """The whole part, rounded towards 0."""

    def _eval_evalf(self, prec: int) -> Any:
        x = self.args[0].evalf(prec)
        return sympy.Integer(int(x)) if x.is_number and x.is_finite else None


class _LogGamma(sympy.Function):  # type: ignore[misc]  # the same
    """log|Γ(x)|; SymPy's own is complex where Γ is negative."""

    def fdiff(self, argindex: int = 1) -> Any:
        """The digamma function."""
        del argindex  # there is one argument
        return sympy.digamma(self.args[0])

    def _eval_evalf(self, prec: int) -> Any:
        x = self.args[0].evalf(prec)
        return sympy.log(abs(sympy.gamma(x))).evalf(prec) if x.is_number else None


_SAME_IN_SYMPY: Final = (
    "cos cosh digamma erf erfc erfinv exp log sign sin sinh sqrt tan tanh trigamma"
)
_ARC: Final = "cos cosh sin sinh tan tan2 tanh"
_OF_NUMPY: Final = "cumprod cumsum matmul mean prod reshape sum transpose"
_OF_LISTS: Final = "concatenate hstack stack vstack"

SYMBOLIC: Final = SimpleNamespace(
    **{name: _lifted(getattr(sympy, name)) for name in _SAME_IN_SYMPY.split()},
    **{f"arc{name}": _lifted(getattr(sympy, f"a{name}")) for name in _ARC.split()},
    **{name: _structural(getattr(np, name)) for name in _OF_NUMPY.split()},
    **{name: _joined(getattr(np, name)) for name in _OF_LISTS.split()},
    abs=_lifted(sympy.Abs),
    cbrt=_lifted(_CubeRoot),
    ceil=_lifted(_Ceiling),
    det=_det,
    divide=_lifted(lambda x, y: x / y),
    einsum=lambda *parts: np.einsum(*(_objects(x) for x in parts)),
    equal=_lifted(sympy.Eq),
    exp2=_lifted(lambda x: 2**x),
    expm1=_lifted(lambda x: sympy.exp(x) - 1),
    floor=_lifted(_Floor),
    floor_divide=_lifted(lambda x, y: _Floor(x / y)),
    fmax=_lifted(sympy.Max),
    fmin=_lifted(sympy.Min),
    fmod=_lifted(lambda x, y: x - y * _Truncated(x / y)),
    greater=_lifted(sympy.Gt),
    greater_equal=_lifted(sympy.Ge),
    hypot=_lifted(lambda x, y: sympy.sqrt(x**2 + y**2)),
    inv=_inv,
    less=_lifted(sympy.Lt),
    less_equal=_lifted(sympy.Le),
    lgamma=_lifted(_LogGamma),
    log10=_lifted(lambda x: sympy.log(x) / sympy.log(10)),
    log1p=_lifted(lambda x: sympy.log(1 + x)),
    log2=_lifted(lambda x: sympy.log(x) / sympy.log(2)),
    logaddexp=_lifted(lambda x, y: sympy.log(sympy.exp(x) + sympy.exp(y))),
    logaddexp2=_lifted(lambda x, y: sympy.log(2**x + 2**y) / sympy.log(2)),
    logical_and=_lifted(sympy.And),
    logical_or=_lifted(sympy.Or),
    max=_chosen(sympy.Max),
    maximum=_lifted(sympy.Max),
    min=_chosen(sympy.Min),
    minimum=_lifted(sympy.Min),
    named=lambda name: Named(name, real=True),
    nan=sympy.nan,
    not_equal=_lifted(sympy.Ne),
    ones_like=_lifted(lambda _x: sympy.Integer(1)),
    pi=sympy.pi,
    remainder=_lifted(lambda x, y: x - y * _Floor(x / y)),
    round=_lifted(_Rounded),
    sinc=_lifted(lambda x: sympy.sinc(sympy.pi * x)),
    trunc=_lifted(_Truncated),
    where=_lifted(_where),
)
"""``m`` for formulas. A row that needs another of NumPy's functions adds its line here."""
