"""Attaching to PyTorch: what recording costs beside the program's own passes.

Everything takes turns in one process with one thread. Frames and answers have no peer: they are
held to what a person waits for. Nothing here waits for anything, so that the time is the
processor's: other programs do not count.
"""

from __future__ import annotations

import gc
import random
from importlib.util import find_spec
from time import process_time
from typing import TYPE_CHECKING, Any, Final

from tests.benchmarks import traced
from tests.benchmarks.memory import held_from_here_mb, peak_mb
from tests.benchmarks.report import Sample, compared_lines, verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FRAMES: Final = 40
_FRAME: Final = 0.1
"""Seconds of one frame."""


def run(_home: Path, *, quick: bool) -> list[str]:
    """Recording a backward pass, a forward pass; frames; where a NaN came from; other arrays."""
    if find_spec("torch") is None:
        said = "attach: not met, since PyTorch is not installed (pip install '.[torch]')"
        return [said, *traced.run(quick=quick)]
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    turns = 2 if quick else 15
    size = 64 if quick else 1024
    lines: list[str] = []
    for name, loss, target in (
        (f"network of 6 layers, {size} wide", _network(size), 1.3),
        ("encoder of 6 layers", _encoder(2 if quick else 6, 32 if quick else 256), 1.3),
        ("10,000 tiny nodes", _tiny(50 if quick else 5000), 3.0),
    ):
        lines += _recorded(name, loss, target, turns)
    lines += _forward(2 if quick else 6, 32 if quick else 256, turns)
    for keep in ("norms", "all"):  # what is freed after the larger one leaves holes
        lines += _attached(2 if quick else 12, 32 if quick else 512, keep)
    return [*lines, *_origin(10 if quick else 500), *traced.run(quick=quick)]


def _network(size: int) -> Any:
    import torch

    layers = [layer for _ in range(6) for layer in (torch.nn.Linear(size, size), torch.nn.ReLU())]
    return torch.nn.Sequential(*layers)(torch.randn(64, size)).square().mean()


def _encoder_model(layers: int, width: int) -> Any:
    import torch

    layer = torch.nn.TransformerEncoderLayer(width, 4, 4 * width, batch_first=True)
    return torch.nn.TransformerEncoder(layer, layers)


def _encoder(layers: int, width: int) -> Any:
    import torch

    return _encoder_model(layers, width)(torch.randn(8, 32, width)).square().mean()


def _tiny(count: int) -> Any:
    import torch

    h = torch.ones(3, requires_grad=True)
    for _ in range(count):
        h = torch.tanh(h) * 1.1
    return h.sum()


def _recorded(name: str, loss: Any, target: float, turns: int) -> list[str]:
    """The pass with our hooks by ``loss.backward()``."""
    from tui_backprop.attach.pytorch.graph import nodes_behind
    from tui_backprop.attach.pytorch.record import record

    nodes = nodes_behind(loss)
    ours, bare = _in_turns(
        turns, lambda: record(nodes, None), lambda: loss.backward(retain_graph=True)
    )
    title = f"A backward pass recorded: {name}"
    return compared_lines(title, Sample("recorded", ours), Sample("loss.backward()", bare), target)


def _forward(layers: int, width: int, turns: int) -> list[str]:
    """The forward pass with names, lines and values by the bare one."""
    import torch

    from tui_backprop.attach.pytorch.recording import recording

    model, x = _encoder_model(layers, width), torch.randn(8, 32, width)

    def watched() -> None:
        with recording():
            model(x).mean()

    ours, bare = _in_turns(turns, watched, lambda: model(x).mean())
    title = "A forward pass recorded, values, names and lines"
    return compared_lines(title, Sample("recorded", ours), Sample("bare", bare), 2.5)


def _in_turns(turns: int, *works: Callable[[], object]) -> tuple[tuple[float, ...], ...]:
    found: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    gc.collect()
    for _ in range(turns):
        for seconds, work in zip(found, works, strict=True):
            seconds.append(_seconds(work))
    return tuple(tuple(seconds) for seconds in found)


def _seconds(work: Callable[[], object]) -> float:
    started = process_time()
    work()
    return process_time() - started


def _attached(layers: int, width: int, keep: Any) -> list[str]:
    """From a loss to a walk, its memory, and any frame of it."""
    from tui_backprop.attach.pytorch.norms.memory import Passing
    from tui_backprop.attach.pytorch.trace import attach
    from tui_backprop.errors import UnknownError

    loss = _encoder(layers, width)
    loss.backward(retain_graph=True)
    backward = min(_seconds(lambda: loss.backward(retain_graph=True)) for _ in range(3))
    gc.collect()
    Passing().give_back()  # what was held before is free, and not yet the system's
    before = held_from_here_mb()
    started = process_time()
    trace = attach(loss, keep=keep)
    timeline = trace.timeline
    taken = process_time() - started
    held = (peak_mb() - before) * (1 << 20)
    gradients = sum(x.nbytes for x in trace.grad.values())
    numbers = random.Random(0)  # noqa: S311 - which frames are looked at
    worst, refused = 0.0, 0
    for _ in range(_FRAMES):
        started = process_time()
        try:
            _ = timeline[numbers.randrange(timeline.length)].partial
        except UnknownError:
            refused += 1
        worst = max(worst, process_time() - started)
    beyond = taken - 2 * backward
    return [
        f"Attached to an encoder of {layers} layers, {width} wide, {len(trace.graph.nodes)} nodes; "
        + ("every number kept" if keep == "all" else "norms kept"),
        verdict(f"{taken:.2f} s, beyond two backward passes {beyond:.2f} s", beyond, 1.0, " s"),
        verdict(f"memory by that of its gradients {held / gradients:.2f}", held / gradients, 2, ""),
        f"  of them, each piece of memory once, what it holds is {_own(trace) / gradients:.2f}",
        verdict(
            f"the slowest of {_FRAMES} frames {worst * 1000:.0f} ms, {refused} refused in a "
            "sentence",
            worst, _FRAME, " s",
        ),
    ]  # fmt: skip


def _own(trace: Any) -> float:
    """Bytes of values that are copies, of every v, and of what edges hand on, as far as held."""
    from tui_backprop.attach.later import Later, LaterEdges
    from tui_backprop.attach.pytorch.sharing import owner

    tape = trace.tape
    v, edges = tape.cotangents, tape.contributions
    held = [x for x in tape.values if x is not None and owner(x) is None]
    held += v.kept.values() if isinstance(v, Later) else [x for x in v if x is not None]
    held += (edges.kept if isinstance(edges, LaterEdges) else edges).values()
    memory: dict[int, int] = {}
    for x in held:
        tensor = owner(x)
        if tensor is not None:
            storage = tensor.untyped_storage()
            memory[storage.data_ptr()] = storage.nbytes()
        else:
            memory[id(x) if x.base is None else id(x.base)] = (
                x if x.base is None else x.base
            ).nbytes
    return sum(memory.values())


def _origin(count: int) -> list[str]:
    """Where a NaN came from among so many pairs of nodes."""
    import torch

    from tui_backprop.attach.pytorch.trace import attach
    from tui_backprop.debug.debugger import Debugger

    x = torch.zeros(4, requires_grad=True)
    h = (x * x).sqrt()
    for _ in range(count):
        h = torch.tanh(h) * 1.1
    session = Debugger(attach(h.sum()))
    taken = _seconds(lambda: session.execute("origin nan"))
    return [
        f"origin nan in a walk of {len(session.trace.graph.nodes)} nodes",
        verdict(f"{taken:.2f} s", taken, 1.0, " s"),
    ]
