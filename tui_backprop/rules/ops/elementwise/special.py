"""Special functions: of the normal distribution, the gamma function, log-odds and entropies."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.language.message import said
from tui_backprop.rules.ops.elementwise import special_functions
from tui_backprop.rules.ops.elementwise.functions import root
from tui_backprop.rules.rows import elementwise
from tui_backprop.rules.rule import Domain, Example, Parameter, Reason, Traits
from tui_backprop.rules.slope_reasons import Kind

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.slope_reasons import Found, PartialAt


def _special(name: str, m: Any, x: Any) -> Any:
    """One of our own functions, or with symbols a formula of it."""
    return getattr(special_functions if m is np else m, name)(x)


def _log_odds(m: Any, x: Any) -> Any:
    """log(x/(1 − x)); near 1/2, where that is nearly log 1, with what the quotient lost.

    How far the quotient is from 1 is known to all digits, and d log(q) is dq / q.
    """
    rest = 1 - x
    odds = x / rest
    usual = m.log(odds)
    if m is not np:
        return usual
    lost = x - 0.5
    is_far = ~(np.abs(lost) < 0.25)
    if is_far.all():
        return usual
    # In place, and so one by one: (2x − 1 − (1 − x)·(odds − 1)) / x.
    lost += lost
    odds -= 1
    odds *= rest
    lost -= odds
    lost /= x
    if np.ndim(lost):
        np.putmask(lost, is_far, 0)
    usual += lost
    return usual


def _logit(m: Any, x: Any, eps: float | None = None) -> Any:
    if eps is None:
        return _log_odds(m, x)
    return _log_odds(m, m.minimum(m.maximum(x, eps), 1 - eps))


def _logit_slope(m: Any, _y: Any, x: Any, eps: float | None = None) -> Any:
    """1/(x·(1 − x)): NaN beyond 0 and 1, and 0 beyond bounds that hold x."""
    low, high, beyond = (0, 1, m.nan) if eps is None else (eps, 1 - eps, 0)
    if m is np and eps is None:
        found = 1 / (x * (1 - x))
        if (found > 0).all():
            return found
    within = 1 / ((x + 0) * (1 - x))  # −0.0 + 0 is 0: from there the slope is inf, too
    return m.where(m.less(x, low), beyond, m.where(m.less(high, x), beyond, within))


def _to_bound(m: Any, x: Any, eps: float | None = None) -> Any:
    """How far x is from a bound; without bounds far from any."""
    return m.ones_like(x) if eps is None else (x - eps) * (x - (1 - eps))


def _held(at: PartialAt) -> Found | None:
    """Why a slope of logit is 0: x lies beyond the bounds that eps makes."""
    eps = at.params["eps"]
    if eps is None:
        return None
    where = said("outside {low} to {high}", low=f"{eps:g}", high=f"{1 - eps:g}")
    return Kind.CLIPPED, said("clipped: {operand} lies {where}", operand=at.operand(0), where=where)


def _xlogy(m: Any, x: Any, y: Any) -> Any:
    found = x * m.log(y)
    if m is np:
        return np.where(np.equal(x, 0) & ~np.isnan(y), 0, found)
    # Where y is positive the formula needs no case, and with one its slope at x = 0 would be 0.
    return m.where(m.logical_and(m.equal(x, 0), m.less_equal(y, 0)), 0, found)


def _xlogy_slope(m: Any, _z: Any, x: Any, y: Any) -> Any:
    is_nothing = m.logical_and(m.equal(x, 0), m.less_equal(y, 0))
    return m.where(is_nothing, 0, m.log(m.where(is_nothing, 1, y)))


_POLE: Final = Reason(
    "it has a pole at 0 and at each negative whole number",
    lambda y, x: np.isfinite(x) & ~np.isfinite(y) & (x <= 0),
)

RULES: Final[tuple[Rule, ...]] = (
    elementwise(
        "rsqrt",
        "x",
        forward=lambda m, x: 1 / m.sqrt(x),
        partials=(lambda m, y, x: -(y * y * y) / 2,),
        summary="1/√x",
        domains=(Domain(0.25, 3.0),),
        traits=Traits((0.0, inf), "-1/(2·x·sqrt(x))", ("0",), has_epsilon=True),
    ),
    elementwise(
        "erfc",
        "x",
        forward=lambda m, x: _special("erfc", m, x),
        partials=(lambda m, y, x: -2 / root(m, m.pi) * m.exp(-(x * x)),),
        summary="1 − erf(x), with all digits where that is small",
        traits=Traits(saturates=True),
    ),
    elementwise(
        "erfinv",
        "x",
        forward=lambda m, x: _special("erfinv", m, x),
        partials=(lambda m, y, x: root(m, m.pi) / 2 * m.exp(y * y),),
        summary="the number whose erf is x: the normal distribution turned around",
        domains=(Domain(-0.9, 0.9),),
        traits=Traits((-1.0, 1.0), "sqrt(pi)/2·exp(erfinv(x)**2)", ("-1", "1"), rises=True),
    ),
    elementwise(
        "lgamma",
        "x",
        forward=lambda m, x: _special("lgamma", m, x),
        partials=(lambda m, y, x: _special("digamma", m, x),),
        summary="log |Γ(x)|, the logarithm of the gamma function: Γ(n + 1) = n!",
        domains=(Domain(0.25, 3.0),),
        reasons=(_POLE,),
    ),
    elementwise(
        "digamma",
        "x",
        forward=lambda m, x: _special("digamma", m, x),
        partials=(lambda m, y, x: _special("trigamma", m, x),),
        summary="the slope of log Γ(x)",
        domains=(Domain(0.25, 3.0),),
        reasons=(_POLE,),
    ),
    elementwise(
        "logit",
        "x",
        parameters=(Parameter("eps", "optional_number", None),),
        forward=_logit,
        partials=(_logit_slope,),
        summary="log(x/(1 − x)), which undoes sigmoid; with eps, x is held from eps to 1 − eps",
        kink=_to_bound,
        convention="at the bounds that eps makes the gradient passes, beyond them it is 0 (logit "
        "in PyTorch)",
        domains=(Domain(0.1, 0.9),),
        examples=(
            *(Example((shape,)) for shape in ((), (3,), (2, 3), (0,))),
            Example(((2, 3),), {"eps": 0.25}),
        ),
        masked=True,
        traits=Traits((0.0, 1.0), "1/(x·(1 - x))", ("0", "1"), zero=_held),
    ),
    elementwise(
        "xlogy",
        "x y",
        forward=_xlogy,
        partials=(_xlogy_slope, lambda m, z, x, y: x / y),
        summary="x · log(y), and 0 where x is 0, whatever y is",
        kink=lambda m, x, y: m.maximum(m.abs(x), m.maximum(y, 0)),
        convention="at x = 0 and y ≤ 0 the slope for x is 0 (xlogy in PyTorch)",
        domains=(Domain(), Domain(0.25, 3.0)),
    ),
)
