"""The steps of a walk as JSON, each from its frame and by itself.

It is what writing many at a time has to come to, to the letter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    from collections.abc import Iterator

    from tui_backprop.render.export.text import Level
    from tui_backprop.render.view import View
    from tui_backprop.rules.types import Shape
    from tui_backprop.timeline.timeline import Frame

Object = dict[str, Any]


def plain_steps(view: View, level: Level = "partial") -> Iterator[str]:
    """The line of each step."""
    for frame in steps_of(view.frame.timeline, level):
        found = {"k": frame.k, **_told(frame, view, level)}
        if frame.timeline.iterations is not None:
            found = {"iteration": frame.timeline.updates.number, **found}
        yield json_text(spelled(found))


def _told(frame: Frame, view: View, level: Level) -> Object:
    if frame.phase is Phase.BUILD:
        return {"phase": "build", "node": frame.node.id}
    if frame.phase is Phase.ZERO_GRAD:
        return {"phase": "zero_grad", "pass": frame.pass_number}
    if frame.phase is Phase.SEED:
        return _seed(frame)
    if frame.phase is Phase.UPDATE:
        return _whole_update(frame) if level == "node" else _update(frame)
    return _edge(frame) if level == "node" else _partial(frame, view)


def _seed(frame: Frame) -> Object:
    run, node = frame.walk.run, frame.node.id
    seed = run.seeds[node] if frame.is_forward else run.seed
    return {
        "phase": "seed", "pass": frame.pass_number, "node": node,
        "t" if frame.is_forward else "v": seed.tolist(), "assumed_ones": run.assumed_ones,
    }  # fmt: skip


def _partial(frame: Frame, view: View) -> Object:
    edge = edge_of(frame)
    head = {"phase": "partial", "node": edge.node, "argument": edge.argument,
            "parent": edge.parent}  # fmt: skip
    if unknown := why_unknown(frame):
        return {**head, "unknown": unknown}
    _, p = pulled(frame)
    nodes = frame.timeline.nodes
    written = formula(frame, view.namer, 17) if view.symbolic else None
    return {
        **head,
        "j": _coordinates(p.j, nodes[edge.node].shape),
        "i": _coordinates(p.i, nodes[edge.parent].shape),
        "partial": p.value,
        "symbolic": None if written is None else written.symbolic,
        "t" if frame.is_forward else "v": p.v,
        "contribution": p.contribution,
        "tangent" if frame.is_forward else "adjoint": p.after,
    }


def _edge(frame: Frame) -> Object:
    edge, walk = edge_of(frame), frame.walk
    start = walk.start + walk.route.start(frame.timeline.place(frame).edge)
    head = {"from": start, "phase": "edge", "node": edge.node, "argument": edge.argument,
            "parent": edge.parent}  # fmt: skip
    if unknown := why_whole_unknown(frame):
        return {**head, "unknown": unknown}
    summed, _ = frame.adjoint(frame.target).toarray()
    return {
        **head,
        "jvp" if frame.is_forward else "vjp": edge_total(frame).tolist(),
        "tangent" if frame.is_forward else "adjoint": summed.tolist(),
    }


def _whole_update(frame: Frame) -> Object:
    updates, node = frame.timeline.updates, frame.node.id
    last = updates.of(node)[-1]
    kept = {} if updates.update is None else updates.update.left(updates.of(node))
    return {
        "from": frame.k - frame.column, "phase": "update", "node": node,
        "before": last.read["w"].tolist(), "grad": last.read["grad"].tolist(),
        "subtracted": last.read["Δ"].tolist(), "after": last.value.tolist(),
        "kept": {name: x.tolist() for name, x in kept.items()},
    }  # fmt: skip


def _update(frame: Frame) -> Object:
    updates, node, found = frame.timeline.updates, frame.node, updated(frame)
    kept = {} if updates.update is None else updates.update.left(updates.of(node.id))
    return {
        "phase": "update", "node": node.id, "i": _coordinates(frame.column, node.shape),
        "before": found.before, "grad": found.gradient, "subtracted": found.subtracted,
        "after": found.after,
        "kept": {name: float(x.flat[frame.column]) for name, x in kept.items()},
    }  # fmt: skip


def _coordinates(flat: int, shape: Shape) -> list[int]:
    found: list[int] = []
    for length in reversed(shape):
        flat, coordinate = divmod(flat, length)
        found.append(coordinate)
    return found[::-1]
