"""`trace`: a NumPy function becomes a program, and with it a walk like any other.

The function is run once, on traced arrays in place of its own. Nothing in it is changed.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from tui_backprop.attach.numpy.arrays import Traced, holds_traced, traced
from tui_backprop.attach.numpy.binding import as_one
from tui_backprop.attach.numpy.calls import call_function, call_ufunc
from tui_backprop.attach.numpy.frames import Place, refused
from tui_backprop.attach.numpy.program import program_of
from tui_backprop.attach.numpy.record import Record
from tui_backprop.attach.parameters import parameter_names
from tui_backprop.attach.scenario_text import write_scenario
from tui_backprop.attach.source import line_of_definition
from tui_backprop.errors import TraceError
from tui_backprop.graph.arrays import frozen
from tui_backprop.graph.model import Backward
from tui_backprop.language.message import said, said_many
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.program import build
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from os import PathLike

    import numpy.typing as npt

    from tui_backprop.attach.numpy.program import ProgramText
    from tui_backprop.graph.model import Pass
    from tui_backprop.rules.types import Array


_OTHERS: Final = frozenset({"cupy", "jax", "jaxlib", "tensorflow", "torch"})
"""Libraries whose arrays NumPy's functions would take, and whose gradients would be lost."""


class FunctionTrace(Trace):
    """The walk through a NumPy function.

    Attributes:
        function: its name.
        decisions: how often these numbers decided what is computed, by the user's line.
        places: the user's line that made each value of the program, by name.
        remarks: what somebody should know who reads the numbers, a sentence each.
    """

    function = ""
    decisions: Mapping[Place, int] = MappingProxyType({})
    places: Mapping[str, Place] = MappingProxyType({})
    remarks: tuple[str, ...] = ()

    def again(self, leaves: Mapping[str, Array], passes: Sequence[Pass]) -> Self:
        """The same walk with other numbers; what was decided stays decided."""
        found = super().again(leaves, passes)
        found.function, found.remarks = self.function, self.remarks
        found.decisions, found.places = self.decisions, self.places
        return found

    def scenario(self, path: str | PathLike[str] | None = None) -> str:
        """The walk as a scenario file; every number in it reads back bit for bit.

        Args:
            path: where it is written, large arrays in an .npz file beside it; None only gives the
                text.

        Raises:
            TuiBackpropError: an array is too large for the text, or a file cannot be written.
        """
        at = None if path is None else Path(path)
        return write_scenario(self, self.function or "y", self.remarks, at)


def trace(
    function: Callable[..., Any], /, *arrays: Any, v: npt.ArrayLike | None = None, **settings: Any
) -> FunctionTrace:
    """Run a NumPy function on traced arrays, and differentiate it; see `attach.function.trace`."""
    record = Record(call_function, call_ufunc)
    place = Place(*(line_of_definition(function) or ("<function>", 0)))
    names = parameter_names(function, len(arrays))
    given = [_leaves(record, name, value, place) for name, value in zip(names, arrays, strict=True)]
    if not record.inputs:
        raise refused(
            said("no argument holds numbers of floating point, so there is nothing to trace"),
            said("write 1.0 in place of 1, or np.asarray(x, float)"),
            place,
        )
    try:
        found = function(*given, **settings)
    except Exception as error:
        # NumPy hides what was refused behind an error of its own where it asks for a number.
        if (own := _refusal_in(error)) is not None:
            raise own from None
        if record.plain and isinstance(error, TypeError | ValueError):
            raise _objects_refused(error, record.plain[-1]) from error
        raise
    result = _result(record, found, place)
    name = getattr(function, "__name__", "")
    text = program_of(record.inputs, record.constants, result.entry, name)
    return _walk(record, text, result, v, name)


def _refusal_in(error: BaseException) -> TraceError | None:
    """What we refused on the way to an error."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        at = todo.pop()
        if isinstance(at, TraceError):
            return at
        if at is not None and id(at) not in seen:
            seen.add(id(at))
            todo += [at.__cause__, at.__context__]
    return None


def _objects_refused(error: Exception, place: Place) -> TraceError:
    """What NumPy says of an array of objects does not tell where it came from."""
    return refused(
        said("an array of objects was made of traced numbers, which led to: {error}", error=error),
        said("write np.stack([…]) in place of np.array([…]), and leave np.asarray out"),
        place,
    )


def _leaves(
    record: Record, name: str, value: Any, place: Place, *, is_numbered: bool = False
) -> Any:
    """The same with traced arrays in place of those that are differentiated.

    Args:
        record: receives the leaves.
        name: of the value.
        value: an argument, or a part of one.
        place: of the function.
        is_numbered: whether the name ends in a number, until the function gives it a better one.
    """
    if isinstance(value, dict):
        return {key: _leaves(record, f"{name}_{key}", part, place) for key, part in value.items()}
    if isinstance(value, list | tuple):
        fields = getattr(value, "_fields", None)
        keys = fields or range(len(value))
        parts = [
            _leaves(record, f"{name}_{key}", part, place, is_numbered=not fields)
            for key, part in zip(keys, value, strict=True)
        ]
        return type(value)(*parts) if fields else type(value)(parts)
    if isinstance(value, Traced):
        raise refused(
            said("an array of another trace is used: a gradient of a gradient cannot be traced"),
            place=place,
        )
    library = type(value).__module__.partition(".")[0]
    if library in _OTHERS:
        raise refused(
            said("'{name}' is an array of {library}, and functions of NumPy are traced",
                 name=name, library=library),
            said("write np.asarray(x)"), place,
        )  # fmt: skip
    if not isinstance(value, float | complex | np.ndarray | np.generic):
        return value
    record.check_kind(value, place)
    array = np.asarray(value)
    if array.dtype.kind == "c":
        record.check_real(array)
    if array.dtype.kind != "f":
        return value
    if array.dtype not in (np.float64, np.float32):
        raise refused(
            said("'{name}' holds {dtype}: numbers here are float64 or float32",
                 name=name, dtype=array.dtype),
            said("write x.astype(np.float64)"), place,
        )  # fmt: skip
    entry = record.input(array if isinstance(value, np.ndarray) else array[()], name, place)
    if is_numbered:
        record.numbered.add(entry)
    return traced(record, entry)


def _result(record: Record, found: Any, place: Place) -> Traced:
    """The one traced array that a function returns.

    Raises:
        TraceError: it returns something else.
    """
    if isinstance(found, np.ndarray) and holds_traced(found):
        found = as_one(record, found)
    if isinstance(found, list | tuple | dict):
        parts = list(found.values()) if isinstance(found, dict) else found
        if any(map(holds_traced, parts)):
            raise refused(
                said("the function returns a {kind} of {count}, and one array is differentiated",
                     kind=type(found).__name__, count=len(parts)),
                said("return one of them, or join them with np.concatenate"), place,
            )  # fmt: skip
    if not isinstance(found, Traced):
        raise refused(
            said("the result does not depend on any input"),
            said("what is written into a plain array, or made with another library, is lost"),
            place,
        )
    if found.dtype.kind != "f":
        raise refused(
            said("the result counts or compares, so it has no slope"),
            said("return numbers that depend smoothly on the inputs"), place,
        )  # fmt: skip
    record.check_current(found.value, found.entry.number)
    return found


def _walk(
    record: Record, text: ProgramText, result: Traced, v: npt.ArrayLike | None, name: str
) -> FunctionTrace:
    """The program, read as any other, and walked."""
    dtype = np.dtype(np.float32 if _is_single(record, result) else np.float64)
    inputs = {key: np.asarray(e.value, dtype=dtype) for key, e in text.inputs.items()}
    constants = {key: np.asarray(e.value, dtype=dtype) for key, e in text.constants.items()}
    decided = sum(record.decisions.values())
    remark = said_many(
        decided,
        "{count} comparison was decided by these numbers",
        "{count} comparisons were decided by these numbers",
    )
    head = f"# {remark}\n" if decided else ""
    program = head + text.text
    # Nobody writes it by hand: only what it computes has a limit.
    limits = DEFAULT_LIMITS.raised(file_bytes=max(len(program), DEFAULT_LIMITS.file_bytes))
    graph = build(program, inputs, constants, dtype, limits)
    of = graph.names[text.of]
    seed = None if v is None else frozen(np.array(v, dtype=dtype))
    found = FunctionTrace(graph, inputs | constants, (Backward(of, seed),))
    found.function, found.decisions = name, MappingProxyType(dict(record.decisions))
    found.places = MappingProxyType(
        {node: entry.place for bound, n, entry in text.lines
         for node in ({bound, f"{bound}@{n}"} & graph.names.keys())}
    )  # fmt: skip
    remarks = [remark] if decided else []
    if record.plain:
        remarks.append(
            said(
                "the array of objects made at {place} was computed number by number, so that its "
                "last bits may be others than NumPy's: np.stack keeps them",
                place=record.plain[0],
            )
        )
    if difference := _difference(found, text, result.value, of):
        remarks.append(difference)
    found.remarks = tuple(remarks)
    return found


def _is_single(record: Record, result: Traced) -> bool:
    """Whether all is computed in float32."""
    leaves = [*(e.value for e in record.inputs), result.value]
    return all(np.asarray(value).dtype == np.float32 for value in leaves)


def _difference(trace: Trace, text: ProgramText, value: Any, of: int) -> str:
    """What to say where the program's result is not what the function gave, to the last bit."""
    if _is_same(trace.value(of), value):
        return ""
    names = trace.graph.names
    for name, version, entry in text.lines:
        full = f"{name}@{version}"
        if not _is_same(trace.value(names.get(full, names[name])), entry.value):
            return said(
                "the result is {apart} apart from what the function gave; the first value that "
                "differs is '{name}', at {place}",
                apart=_apart(trace.value(of), value), name=full if full in names else name,
                place=entry.place,
            )  # fmt: skip
    return said("the result is {apart} apart from what the function gave",
                apart=_apart(trace.value(of), value))  # fmt: skip


def _is_same(ours: Any, theirs: Any) -> bool:
    """To the last bit; one NaN is like another."""
    a, b = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    return bool(np.all(((a == b) & (np.signbit(a) == np.signbit(b))) | (np.isnan(a) & np.isnan(b))))


def _apart(ours: Any, theirs: Any) -> str:
    with np.errstate(all="ignore"):
        return f"{np.nanmax(np.abs(np.asarray(ours) - np.asarray(theirs)), initial=0.0):.3g}"
