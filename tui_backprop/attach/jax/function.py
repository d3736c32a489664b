"""`trace`: a JAX function becomes a walk over the numbers that JAX computes.

The function is traced once by JAX itself, and its equations are run one by one.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from tui_backprop.attach.jax.calls import can_run_again, run_closed
from tui_backprop.attach.jax.lines import is_users_file, refused
from tui_backprop.attach.jax.record import Cell, Record, as_then
from tui_backprop.attach.jax.tape import tape_of
from tui_backprop.attach.parameters import parameter_names
from tui_backprop.attach.recorded import RecordedTrace
from tui_backprop.attach.source import Line, line_of_definition
from tui_backprop.errors import ShapeError, UnknownError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import NoReturn

    import numpy.typing as npt

_UNFIT: Final = re.compile(r"\W+")


class JaxTrace(RecordedTrace):
    """The walk through a JAX function.

    Attributes:
        function: its name.
    """

    function = ""

    def scenario(self, path: object = None) -> NoReturn:
        """Refused: only functions of NumPy become programs.

        Raises:
            UnknownError: always.
        """
        del path
        raise UnknownError(
            said("a function of JAX has no scenario: its equations are known to JAX alone")
        )


def trace(
    function: Callable[..., Any], /, *arrays: Any, v: npt.ArrayLike | None = None, **settings: Any
) -> JaxTrace:
    """Run a JAX function, and differentiate it as `jax.grad` does, to the last bit.

    JAX runs the function twice: for its equations, and for its gradients. The arguments may be any
    pytrees; all else is as `attach.function.trace` says.
    """
    at = line_of_definition(function)
    leaves, tree = jax.tree_util.tree_flatten(arrays)
    names = list(_names(function, arrays))
    chosen = [k for k, leaf in enumerate(leaves) if _is_differentiated(names[k], leaf, at)]
    if not chosen:
        raise refused(
            said("no argument holds numbers of floating point, so there is nothing to trace"),
            said("write 1.0 in place of 1, or jnp.asarray(x, float)"),
            at,
        )

    def of_chosen(*given: Any) -> Any:
        every = list(leaves)
        for k, x in zip(chosen, given, strict=True):
            every[k] = x
        return function(*jax.tree_util.tree_unflatten(tree, every), **settings)

    record = Record()
    with as_then(is_wide=record.is_wide):
        closed, shape = _jaxpr(of_chosen, [leaves[k] for k in chosen], at)
        _check_result(shape, at)
        cells = [Cell(_array(leaves[k], x.aval.dtype), is_active=True)
                 for k, x in zip(chosen, closed.jaxpr.invars, strict=True)]  # fmt: skip
        call = record.enter(cells)
        made = run_closed(record, closed, call.cells)
        whole = partial(_alone, of_chosen) if can_run_again(closed) else None
        (result,) = record.leave(call, made, whole, cells)
        if not result.is_active:
            raise refused(
                said("the result does not depend on any input"),
                said("what goes through NumPy, whole numbers or stop_gradient is lost"),
                at,
            )
        if any(result.root is c for c in cells):
            (result,) = record.apply("copy", _itself, [result], at)
        seed = None if v is None else _seed(v, result.value)
        record.backward(result, jnp.ones_like(result.value) if seed is None else seed)
        wanted = dict(zip((names[k] for k in chosen), cells, strict=True))
        name = getattr(function, "__name__", "")
        tape = tape_of(record, wanted, result, name, seed)
    found = JaxTrace(tape)
    found.function = name
    return found


def _array(leaf: Any, dtype: Any) -> Any:
    """A number of Python's takes the type of what it meets, and so does an array made of it."""
    return jnp.asarray(leaf) if isinstance(leaf, float) else jnp.asarray(leaf, dtype)


def _alone(function: Callable[..., Any], *given: Any) -> Sequence[Any]:
    return tuple(jax.tree_util.tree_leaves(function(*given)))


def _itself(x: Any) -> Sequence[Any]:
    return (jnp.copy(x),)


def _jaxpr(function: Callable[..., Any], given: Sequence[Any], at: Line | None) -> tuple[Any, Any]:
    """The equations of a function, and the shape of its result.

    Raises:
        TraceError: it asks for the numbers of an array while JAX traces it.
    """
    try:
        found, shape = jax.make_jaxpr(function, return_shape=True)(*given)
    except (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError) as error:
        first = str(error).strip().partition("\n")[0]
        raise refused(
            said("the function asks for the numbers of an array, which JAX does not have while it "
                 "traces; it says: {message}", message=first),
            said("write jnp.where or lax.cond in place of if, and jnp in place of np"),
            _line_of_error(error) or at,
        ) from error  # fmt: skip
    return found, shape


def _check_result(shape: Any, at: Line | None) -> None:
    """Refuse a result that is not one array of floating point."""
    parts = jax.tree_util.tree_leaves(shape)
    if not jax.tree_util.all_leaves([shape]):
        raise refused(
            said("the function returns a {kind} of {count}, and one array is differentiated",
                 kind=type(shape).__name__, count=len(parts)),
            said("return one of them, or join them with jnp.concatenate"), at,
        )  # fmt: skip
    if not jnp.issubdtype(shape.dtype, jnp.inexact):
        raise refused(
            said("the result counts or compares, so it has no slope"),
            said("return numbers that depend smoothly on the inputs"), at,
        )  # fmt: skip


def _seed(v: npt.ArrayLike, result: Any) -> Any:
    found = jnp.asarray(v, result.dtype)
    if found.shape != result.shape and (found.size != 1 or result.size != 1):
        raise ShapeError(
            said(
                "v must have the shape of the result, {shape}; found {found}",
                shape=result.shape,
                found=found.shape,
            )
        )
    return found.reshape(result.shape)


def _names(function: Callable[..., Any], arrays: tuple[Any, ...]) -> Iterator[str]:
    """The parameter of each leaf, and where in it the leaf stands: ``params_0_W``."""
    for name, value in zip(parameter_names(function, len(arrays)), arrays, strict=True):
        for path, _ in jax.tree_util.tree_flatten_with_path(value)[0]:
            yield "_".join([name, *map(_key, path)])


def _key(key: Any) -> str:
    """One step into a pytree, with letters that a name can have."""
    kept = next(
        (k for a in ("key", "idx", "name") if (k := getattr(key, a, None)) is not None), key
    )
    return _UNFIT.sub("_", str(kept)).strip("_")


def _is_differentiated(name: str, leaf: Any, at: Line | None) -> bool:
    """Whether a leaf of an argument is an array or a number of floating point.

    Raises:
        TraceError: it is complex, or is traced by JAX.
    """
    if isinstance(leaf, jax.core.Tracer):
        raise refused(
            said("'{name}' is traced by JAX itself and holds no numbers", name=name),
            said("call this outside of jit, grad, vmap and scan"), at,
        )  # fmt: skip
    if not isinstance(leaf, float | complex | np.ndarray | np.generic | jax.Array):
        return False
    dtype = leaf.dtype if hasattr(leaf, "dtype") else np.asarray(leaf).dtype
    if jnp.issubdtype(dtype, jnp.complexfloating):
        raise refused(
            said("complex numbers cannot be traced: a program here is made of real ones"),
            said("write the real and the imaginary part as two arrays"), at,
        )  # fmt: skip
    return bool(jnp.issubdtype(dtype, jnp.floating))


def _line_of_error(error: BaseException) -> Line | None:
    """The user's line at which an error was raised: the last one before JAX."""
    found, at = None, error.__traceback__
    while at is not None:
        if is_users_file(at.tb_frame.f_code.co_filename):
            found = Line(at.tb_frame.f_code.co_filename, at.tb_lineno)
        at = at.tb_next
    return found
