"""How HIPS autograd says the points; ``np`` is its NumPy, the other arguments are the inputs.

Only functions that it has: what a composition of others gives is the composition's.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS: Final[dict[str, Callable[..., Any]]] = {
    "fmod_multiple": lambda np, x, y: np.fmod(x, y),
    "fmod_rounded": lambda np, x, y: np.fmod(x, y),
    "fmax_tie": lambda np, x, y: np.fmax(x, y),
    "fmin_tie": lambda np, x, y: np.fmin(x, y),
    "fmax_second_nan": lambda np, x, y: np.fmax(x, y),
    "fmin_nan": lambda np, x, y: np.fmin(x, y),
    "fmax_nans": lambda np, x, y: np.fmax(x, y),
    "copysign_0": lambda np, x, y: np.copysign(x, y),
    "copysign_sign_0": lambda np, x, y: np.copysign(x, y),
    "nan_to_num_each": lambda np, x: np.sum(np.nan_to_num(x)),
    "logaddexp2_ninf": lambda np, x, y: np.logaddexp2(x, y),
    "argsort": lambda np, x: np.sum(np.sort(x) * np.array([1.0, 2.0, 3.0])),
    "median_nan": lambda np, x: np.median(x),
    "amax_axis": lambda np, x: np.amax(x, axis=0),
    "kthvalue_tie": lambda np, x: np.partition(x, 1)[1],
    "nanmedian": lambda np, x: np.nanmedian(x),
    "percentile_tie": lambda np, x: np.percentile(x, 50),
}


def evaluate(np: Any, call: Callable[..., Any], inputs: dict[str, Any]) -> tuple[Any, list[Any]]:
    """The value and a gradient for each input, in float64."""
    grad = import_module("autograd").grad
    leaves = [np.array(x, dtype="float64") for x in inputs.values()]

    def of(*given: Any) -> Any:
        return call(np, *given)

    return of(*leaves), [grad(of, argument)(*leaves) for argument in range(len(leaves))]


def name_of(_np: Any) -> str:
    """What its column of the table is called."""
    return "autograd"
