"""A program with its numbers as a scenario file: what `tui_backprop.scenario` reads.

A number is written so that it reads back bit for bit. Large arrays go into an .npz file beside it.
"""

from __future__ import annotations

import io
import json
from math import copysign, isinf, isnan, prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import ArgumentError
from tui_backprop.files import write_whole
from tui_backprop.graph.model import Backward
from tui_backprop.language.message import said
from tui_backprop.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.trace import Trace

_MOST_WRITTEN: Final = 1000
"""Entries of an array that stands in the text where there is a file to put it into."""
_FEW: Final = 8
"""Equal entries that are written one by one all the same."""


def write_scenario(trace: Trace, title: str, remarks: Iterable[str], path: Path | None) -> str:
    """The text of a scenario that gives the same walk.

    Args:
        trace: of one program, with one backward pass or several.
        title: of the scenario.
        remarks: what its first note says.
        path: the file that is written, and the .npz file beside it where that is needed; None for
            neither.

    Raises:
        ArgumentError: without a file for its arrays the text would be too large.
        FileError: a file cannot be written.
    """
    writer = _Writer("" if path is None else path.with_suffix(".npz").name)
    text = "\n".join([*writer.lines(trace, title, remarks), ""])
    size = len(text.encode())
    if size > DEFAULT_LIMITS.file_bytes:
        raise ArgumentError(
            said("the scenario would have {count} bytes, and a file has fewer", count=f"{size:,}")
            if path is not None
            else said(
                "with its arrays the scenario has {count} bytes: write trace.scenario('f.yaml'), "
                "which puts them into a file beside it", count=f"{size:,}",
            )
        )  # fmt: skip
    if path is not None:
        if writer.stored:
            data = io.BytesIO()
            np.savez(data, allow_pickle=False, **writer.stored)
            write_whole(path.with_suffix(".npz"), data.getvalue())
        write_whole(path, text.encode())
    return text


class _Writer:
    """Lines of YAML, and the arrays that do not stand in them.

    Attributes:
        stored: those arrays, by the key that the text gives them.
    """

    def __init__(self, file: str) -> None:
        self.stored: dict[str, Array] = {}
        self._file = file

    def lines(self, trace: Trace, title: str, remarks: Iterable[str]) -> Iterator[str]:
        """The whole file."""
        graph = trace.graph
        yield "format: 1"
        yield f"title: {json.dumps(title)}"
        if graph.dtype == np.float32:
            yield "dtype: float32"
        yield "inputs:"
        yield from self._leaves({name: trace.leaves[name] for name in graph.inputs})
        if graph.constants:
            yield "constants:"
            yield from self._leaves({name: trace.leaves[name] for name in graph.constants})
        yield "program: |"
        yield from (f"  {line}" for line in graph.program.splitlines())
        yield from self._passes(trace)
        yield from _notes(list(remarks))

    def _leaves(self, leaves: Mapping[str, Array]) -> Iterator[str]:
        return (f"  {name}: {self._array(name, array)}" for name, array in leaves.items())

    def _passes(self, trace: Trace) -> Iterator[str]:
        yield "backward:"
        names = {node: name for name, node in trace.graph.names.items()}
        for number, item in enumerate(trace.passes):
            if isinstance(item, Backward):
                key = "v" if not number else f"v_{number}"
                v = "" if item.v is None else f", v: {self._array(key, item.v)}"
                yield f"  - {{of: {json.dumps(names[item.of])}{v}}}"
            else:
                yield "  - {zero_grad: true}"

    def _array(self, name: str, array: Array) -> str:
        shape = list(array.shape)
        flat = array.ravel()
        if not flat.size or (flat.size > _FEW and _are_equal(flat)):
            fill = _number(float(flat[0])) if flat.size else "0"
            return f"{{shape: {shape}, fill: {fill}}}"
        if self._file and prod(shape) > _MOST_WRITTEN:
            self.stored[name] = np.asarray(array, order="C")
            return f"{{file: {json.dumps(self._file)}, key: {json.dumps(name)}}}"
        return _nested(array.tolist())


def _are_equal(flat: Array) -> bool:
    first = flat[0]
    return bool(np.all((flat == first) & (np.signbit(flat) == np.signbit(first))))


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_nested, value))}]"
    return _number(value)


def _number(value: float) -> str:
    """As YAML 1.2 has it; `repr` gives the digits that read back as the same number."""
    if isnan(value):
        return ".nan"
    if isinf(value):
        return ".inf" if value > 0 else "-.inf"
    # Not of -0.0: without its point it would be a whole number, which has no sign.
    return repr(value).removesuffix(".0") if value or copysign(1, value) > 0 else "-0.0"


def _notes(remarks: Sequence[str]) -> Iterator[str]:
    if remarks:
        yield "notes:"
        yield "  - at: build"
        yield f"    text: {json.dumps('. '.join(map(str, remarks)), ensure_ascii=False)}"
