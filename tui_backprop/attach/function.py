"""`trace`: a function as a walk, by the library whose arrays it is given."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from tui_backprop.timeline.trace import Trace


def trace(
    function: Callable[..., Any], /, *arrays: Any, v: npt.ArrayLike | None = None, **settings: Any
) -> Any:
    """Run a function of NumPy or of JAX, and differentiate it.

    Args:
        function: it takes arrays, or lists, tuples and dictionaries of them, and returns one. It is
            JAX's where any of these is an array of JAX.
        arrays: its arguments. Arrays and numbers of floating point are differentiated; all else,
            whole numbers, truth values and texts, is constant.
        v: the cotangent of a result that is no scalar; ones, unless said.
        settings: arguments by name; none of them is differentiated.

    Returns:
        The walk, a `Trace`; its gradients have the names of the function's parameters: ``W``,
        ``params_0_b``. That of a NumPy function can be written as a scenario file.

    Raises:
        TraceError: something in the function cannot be traced; the message names the line.
    """
    found: Trace
    if _is_of_jax(arrays):
        from tui_backprop.attach.jax import function as of_jax

        found = of_jax.trace(function, *arrays, v=v, **settings)
    else:
        from tui_backprop.attach.numpy import function as of_numpy

        found = of_numpy.trace(function, *arrays, v=v, **settings)
    return found


def _is_of_jax(arrays: tuple[Any, ...]) -> bool:
    """Whether any of these is, or holds, an array of JAX; nobody has one before importing JAX."""
    jax = sys.modules.get("jax")
    if jax is None:
        return False
    try:
        leaves = jax.tree_util.tree_leaves(arrays)
    except (TypeError, ValueError):  # keys that JAX cannot put in an order: it takes no such thing
        leaves = list(arrays)
    return any(isinstance(leaf, jax.Array) for leaf in leaves)
