"""The walk as one JSON object, for programs.

Its shape is a promise: format 1. It is made piece by piece, so that a walk of any length needs no
memory.

    {"format": 1, "title": …, "values": {name: array}, "grad": {input: array},
     "nodes": [{"id", "name", "op", "parents", "shape", "module"}],
     "steps": [{"k", "phase": "build", "node"}
               {"k", "phase": "seed", "pass", "node", "v", "assumed_ones"}
               {"k", "phase": "partial", "node", "argument", "parent", "j", "i",
                "partial", "symbolic", "v", "contribution", "adjoint"}
               {"k", "phase": "zero_grad", "pass"}]}

A node has a ``module`` where it lies in one, or in a composed op. Coordinates count from 0.
``symbolic`` is null where formulas were not asked for. NaN and infinities are the strings "nan",
"inf" and "-inf". At the level of nodes the object has ``"level": "node"``, and all partials of an
edge are one step:

    {"k", "from", "phase": "edge", "node", "argument", "parent", "vjp", "adjoint"}

where ``from`` and ``k`` are the edge's first and last step, and the adjoint is the parent's.

Of a forward walk it has ``"mode": "forward"``, and ``"tangents"`` by name in place of ``"grad"``;
in the steps ``t`` stands for ``v``, ``tangent`` for ``adjoint`` and ``jvp`` for ``vjp``, of the
node.

Of a training ``values`` and ``grad`` are those of the first iteration. Every step has the
``iteration`` that it belongs to, from 0, an update is a step, and after the steps there is more:

    {"k", "phase": "update", "node", "i", "before", "grad", "subtracted", "after", "kept"}
    "training": {"rule", "settings", "steps", "of", "zero_grad",
                 "loss": [of each iteration], "updated": {input: array after the last update}}

where ``kept`` has what the rule keeps of the entry for the next iteration, by its letter. At the
level of nodes an update is of a whole input, with ``from``, and with arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.render.export.text import steps_of
from tui_backprop.render.formulas.symbolic import formula
from tui_backprop.render.text.json import json_text, spelled
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import (
    edge_of,
    edge_total,
    pulled,
    updated,
    why_unknown,
    why_whole_unknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_backprop.graph.model import Node
    from tui_backprop.render.export.text import Level
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Array, Shape
    from tui_backprop.timeline.timeline import Frame, Timeline

_DIGITS: Final = 17
"""Every bit of a float64: a program that reads a formula gets the partial that stands beside it."""

_BLOCK: Final = 4096
"""Entries of an array that become text at once."""


def trace_json(view: View, _source: str = "", level: Level = "partial") -> Iterator[str]:
    """The pieces of the object, in order; joined they are JSON. Format 1 has no source."""
    timeline = view.frame.timeline
    trace = timeline.trace
    yield f'{{"format": 1, "title": {json_text(view.title)},\n'
    if level == "node":
        yield ' "level": "node",\n'
    yield ' "values": {'
    yield from _members(trace.values)
    if timeline.is_forward:
        yield '},\n "mode": "forward",\n "tangents": {'
        yield from _members(_tangents(timeline))
    else:
        yield '},\n "grad": {'
        yield from _members(trace.grad)
    if trace.untold:
        yield '},\n "unknown": {'
        yield ", ".join(f"{json_text(name)}: {json_text(w)}" for name, w in trace.untold.items())
    yield '},\n "nodes": ['
    for node in timeline.nodes:
        yield f"{',' if node.id else ''}\n  {json_text(_node(node))}"
    yield '],\n "steps": ['
    for number, at in enumerate(steps_of(timeline, level)):
        yield ",\n  " if number else "\n  "
        if at.timeline.iterations is None:
            yield from _step(at, view, level)
        else:
            yield f'{{"iteration": {at.timeline.updates.number}, '
            yield "".join(_step(at, view, level))[1:]
    yield "]"
    yield from _training(timeline)
    yield "}\n"


def _training(timeline: Timeline) -> Iterator[str]:
    """How it was trained, and what came of it; nothing where nothing was."""
    if timeline.iterations is None:
        return
    training, last = timeline.iterations, timeline.at(timeline.length - 1).updates
    update = last.update
    if update is None:
        raise AssertionError("an iteration ends with updates")
    told = {
        "rule": update.rule.name,
        "settings": dict(update.settings),
        "steps": update.steps,
        "of": list(update.of),
        "zero_grad": update.zero_grad,
        "loss": [spelled(training.loss(k)) for k in range(training.count)],
    }
    yield f',\n "training": {json_text(told)[:-1]}, "updated": {{'
    yield from _members({n: c[-1].value for n, c in zip(update.of, last.lines, strict=True)})
    yield "}}"


def _members(arrays: Mapping[str, Array]) -> Iterator[str]:
    for number, (name, array) in enumerate(arrays.items()):
        yield f"{', ' if number else ''}{json_text(name)}: "
        yield from _array(array)


def _tangents(timeline: Timeline) -> Mapping[str, Array]:
    """By name, as ``values``; of a name that is bound again its last node."""
    found = timeline.walk(0).run.cotangents
    names = timeline.trace.graph.names
    return {name: found[n] for name, n in names.items() if n in found}


def _node(node: Node) -> dict[str, Any]:
    found = {
        "id": node.id,
        "name": node.name,
        "op": node.op,
        "parents": list(node.parents),
        "shape": list(node.shape),
    }
    return {**found, "module": node.module} if node.module else found


def _step(frame: Frame, view: View, level: Level) -> Iterator[str]:
    if frame.phase is Phase.BUILD:
        yield json_text({"k": frame.k, "phase": "build", "node": frame.node.id})
    elif frame.phase is Phase.ZERO_GRAD:
        yield json_text({"k": frame.k, "phase": "zero_grad", "pass": frame.pass_number})
    elif frame.phase is Phase.SEED:
        yield from _seed(frame)
    elif frame.phase is Phase.UPDATE:
        yield from _update(frame, level)
    elif level == "node":
        yield from _edge(frame)
    else:
        yield json_text(_partial(frame, view))


def _seed(frame: Frame) -> Iterator[str]:
    run = frame.timeline.walk(frame.pass_number).run
    node = frame.node.id
    head = {"k": frame.k, "phase": "seed", "pass": frame.pass_number, "node": node}
    if frame.is_forward:
        yield from _with_arrays(head, t=run.seeds[node])
    else:
        yield from _with_arrays(head, v=run.seed)
    yield f', "assumed_ones": {json_text(run.assumed_ones)}}}'


def _partial(frame: Frame, view: View) -> dict[str, Any]:
    if unknown := why_unknown(frame):
        edge = edge_of(frame)
        head = {"k": frame.k, "phase": "partial", "node": edge.node, "argument": edge.argument}
        return {**head, "parent": edge.parent, "unknown": unknown}
    edge, p = pulled(frame)
    nodes = frame.timeline.nodes
    written = formula(frame, view.namer, _DIGITS) if view.symbolic else None
    return {
        "k": frame.k,
        "phase": "partial",
        "node": edge.node,
        "argument": edge.argument,
        "parent": edge.parent,
        "j": _coordinates(p.j, nodes[edge.node].shape),
        "i": _coordinates(p.i, nodes[edge.parent].shape),
        "partial": spelled(p.value),
        "symbolic": None if written is None else written.symbolic,
        "t" if frame.is_forward else "v": spelled(p.v),
        "contribution": spelled(p.contribution),
        "tangent" if frame.is_forward else "adjoint": spelled(p.after),
    }


def _update(frame: Frame, level: Level) -> Iterator[str]:
    """The update of an entry, or of the whole input whose last entry the step is."""
    updates, node = frame.timeline.updates, frame.node
    lines = updates.of(node.id)
    kept = {} if updates.update is None else updates.update.left(lines)
    if level == "node":
        last = lines[-1]
        yield from _with_arrays(
            {"k": frame.k, "from": frame.k - frame.column, "phase": "update", "node": node.id},
            before=last.read["w"], grad=last.read["grad"], subtracted=last.read["Δ"],
            after=last.value,
        )  # fmt: skip
        yield ', "kept": {'
        yield from _members(kept)
        yield "}}"
        return
    found = updated(frame)
    yield json_text({
        "k": frame.k,
        "phase": "update",
        "node": node.id,
        "i": _coordinates(frame.column, node.shape),
        "before": spelled(found.before),
        "grad": spelled(found.gradient),
        "subtracted": spelled(found.subtracted),
        "after": spelled(found.after),
        "kept": {name: spelled(float(x.flat[frame.column])) for name, x in kept.items()},
    })  # fmt: skip


def _edge(frame: Frame) -> Iterator[str]:
    edge = edge_of(frame)
    walk = frame.timeline.walk(frame.pass_number)
    number = frame.timeline.place(frame).edge
    head = {
        "k": frame.k,
        "from": walk.start + walk.route.start(number),
        "phase": "edge",
        "node": edge.node,
        "argument": edge.argument,
        "parent": edge.parent,
    }
    if unknown := why_whole_unknown(frame):
        yield json_text({**head, "unknown": unknown})
        return
    summed, _ = frame.adjoint(frame.target).toarray()
    if frame.is_forward:
        yield from _with_arrays(head, jvp=edge_total(frame), tangent=summed)
    else:
        yield from _with_arrays(head, vjp=edge_total(frame), adjoint=summed)
    yield "}"


def _with_arrays(head: dict[str, Any], **arrays: Array) -> Iterator[str]:
    """An object that is still open, since arrays are written in blocks."""
    yield json_text(head)[:-1]
    for name, array in arrays.items():
        yield f', "{name}": '
        yield from _array(array)


def _array(array: Array) -> Iterator[str]:
    """Nested lists, in pieces of a bounded size."""
    if array.size <= _BLOCK:
        values = array.tolist()
        yield json_text(values if np.isfinite(array).all() else spelled(values))
    elif array.ndim == 1:
        for start in range(0, array.size, _BLOCK):
            block = "".join(_array(array[start : start + _BLOCK]))
            yield f"{', ' if start else '['}{block[1:-1]}"
        yield "]"
    else:
        for number, row in enumerate(array):
            yield ", " if number else "["
            yield from _array(row)
        yield "]"


def _coordinates(flat: int, shape: Shape) -> list[int]:
    found: list[int] = []
    for length in reversed(shape):
        flat, coordinate = divmod(flat, length)
        found.append(coordinate)
    return found[::-1]
