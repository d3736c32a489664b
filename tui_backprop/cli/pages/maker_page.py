"""A function that is no op explained: what it gives, each result's op, and its example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.cli.pages.op_page import elsewhere, indented, numbers_of, seed
from tui_backprop.graph.model import Backward
from tui_backprop.language.catalogue import ENGLISH
from tui_backprop.language.message import said
from tui_backprop.program import build
from tui_backprop.program.vocabulary.explained import EXPLAINED, results_told
from tui_backprop.program.vocabulary.makers import SEVERAL
from tui_backprop.render.text.spans import wrap
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.text.charset import Charset

_RESULT = "y"
_TAKES: Final = frozenset(
    [
        "split",
        "array_split",
        "tensor_split",
        "hsplit",
        "vsplit",
        "dsplit",
        "split_with_sizes",
        "chunk",
        "unbind",
        "meshgrid",
    ]
)


def maker_page(name: str, charset: Charset, width: int, language: Language = ENGLISH) -> list[str]:
    """The lines of the page."""
    told = EXPLAINED[name]
    trace = worked(name)
    lines = told.example.splitlines()
    written = {_RESULT: lines[-1].partition(" = ")[2]}
    return [
        *wrap(told.signature, width),
        *indented(map(language.retold, _about(name)), width, "  "),
        "",
        *(f"  {line}" for line in lines),
        "",
        *numbers_of(trace, charset, width, written),
        *elsewhere(name, language, width),
    ]


def _about(name: str) -> Iterator[str]:
    """What it gives, in sentences."""
    yield EXPLAINED[name].summary
    if name in SEVERAL:
        yield results_told(SEVERAL[name])
        first = next(iter(SEVERAL[name]))
        yield said(
            "one of them alone: {attribute} or {index}",
            attribute=f"{name}(a{_options(name)}).{first}", index=f"{name}(a{_options(name)})[0]",
        )  # fmt: skip
    elif name in _TAKES:
        yield said(
            "several arrays, each of which is unpacked or indexed; the gradient of each goes back "
            "to where it was taken from"
        )
    else:
        yield said("a constant, through which no gradient goes")


def _options(name: str) -> str:
    """What a call has to say beside its matrix."""
    return EXPLAINED[name].signature.partition("(a")[2].rstrip(")")


def worked(name: str) -> Trace:
    """Its example, pulled back from 1, 2, 3 and so on."""
    told = EXPLAINED[name]
    leaves = {name: np.asarray(value, dtype=np.float64) for name, value in told.inputs.items()}
    graph = build(told.example, leaves, {}, np.dtype(np.float64))
    node = graph.find(_RESULT)
    return Trace(graph, leaves, (Backward(node.id, seed(node.shape)),))


def described(name: str) -> dict[str, Any]:
    """What is told of it, for programs."""
    told = EXPLAINED[name]
    return {
        "name": name,
        "aliases": [],
        "signature": told.signature,
        "written": told.example,
        "summary": told.summary,
        "convention": "",
        "elementwise": False,
        "differentiable": [] if name not in _TAKES and name not in SEVERAL else list(told.inputs),
        "results": dict(SEVERAL.get(name, {})),
    }
