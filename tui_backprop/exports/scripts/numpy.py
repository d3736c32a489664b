"""A script for NumPy: the forward pass, and the backward pass written out by hand, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.errors import TuiBackpropError
from tui_backprop.exports.scripts.call import UnsaidError
from tui_backprop.exports.scripts.program import Program
from tui_backprop.exports.scripts.pulls import BROADCASTING, pulled
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.exports.subject import Subject
    from tui_backprop.graph.model import Edge
    from tui_backprop.graph.passes import PassRun

_CLOSE: Final = """
dtype = np.{dtype}
np.seterr(all="ignore")


def close(found, wanted):
    wanted = np.array(wanted, dtype=dtype)
    largest = np.abs(wanted[np.isfinite(wanted)]).max(initial=1.0)
    np.testing.assert_allclose(found, wanted, rtol={rtol}, atol={atol} * largest)


"""

_HELPERS: Final = {
    "summed": '''def summed(g, shape):
    """What was broadcast from a shape, added up again."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    return g.sum(axis=tuple(a for a, n in enumerate(shape) if n != g.shape[a]), keepdims=True)


''',
    "scattered": '''def scattered(g, x, key):
    """Zeros like x, to which g is added where the key picked."""
    found = np.zeros_like(x)
    np.add.at(found, key, g)
    return found


''',
    "softmax": """def softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


""",
    "log_softmax": """def log_softmax(x, axis):
    x = x - x.max(axis=axis, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=axis, keepdims=True))


""",
}


def numpy(subject: Subject) -> Iterator[str]:
    """The pieces of the script.

    Raises:
        TuiBackpropError: an op has no simple line, forward or backward; or it is a forward walk,
            whose derivatives no line is written for.
    """
    if subject.timeline.is_forward:
        raise TuiBackpropError(
            said(
                "the NumPy script writes reverse mode out by hand, and this is a forward walk: "
                "--to jax and --to pytorch push tangents"
            )
        )
    program = Program(
        subject, "numpy", "NumPy", "np.array({0}, dtype=dtype)", f"np {' '.join(_HELPERS)}"
    )
    say = subject.view.spoken.say
    lines = [f"{program.of(n.id)} = {text}\n" for n, text in program.statements()]
    lines.append(program.heading(say("What the nodes are.")))
    lines += [program.check(program.of(n.id), program.trace.value(n.id)) for n in program.shown]
    lines += [*_passes(program), *program.foot()]
    yield from program.head()
    yield program.numbers + ("\n" if program.numbers else "") + "import numpy as np\n"
    rtol, atol = program.tolerances
    yield _CLOSE.format(dtype=program.graph.dtype.name, rtol=rtol, atol=atol)
    for name, text in _HELPERS.items():
        if any(f" {name}(" in line for line in lines):
            yield text
    for node, literal in program.leaves():
        yield f"{program.of(node.id)} = {literal}\n"
    yield "\n"
    yield from lines


def _passes(program: Program) -> Iterator[str]:
    say = program.subject.view.spoken.say
    grads = {node.id: program.fresh(f"{program.of(node.id)}_grad") for node in program.inputs}
    bars = {node.id: program.fresh(f"d{program.of(node.id)}") for node in program.graph.nodes}
    if grads:
        yield "\n"
    for node in program.inputs:
        yield f"{grads[node.id]} = np.zeros({node.shape}, dtype)\n"
    for run, after in program.passes():
        if run is None:
            yield program.heading(say("zero_grad"))
            for node in program.inputs:
                yield f"{grads[node.id]} = np.zeros({node.shape}, dtype)\n"
        else:
            yield from _backward(program, run, bars, grads)
        for n, gradient in after.items():
            yield program.check(grads[n], gradient)


def _backward(
    program: Program, run: PassRun, bars: dict[int, str], grads: dict[int, str]
) -> Iterator[str]:
    say = program.subject.view.spoken.say
    name = program.of(run.of)
    yield program.heading(say("backward from {name}", name=name))
    yield f"{bars[run.of]} = {program.array(run.seed)}\n"
    reached = {run.of}
    for edge in run.walk.edges(program.graph.nodes):
        line = _pulled(program, edge).replace("{g}", bars[edge.node])
        bar = bars[edge.parent]
        yield f"{bar} = {bar} + {line}\n" if edge.parent in reached else f"{bar} = {line}\n"
        reached.add(edge.parent)
    for node in program.inputs:
        if node.id in reached:
            yield f"{grads[node.id]} = {grads[node.id]} + {bars[node.id]}\n"


def _pulled(program: Program, edge: Edge) -> str:
    """The line of one edge, in the parent's shape."""
    node, parent = (program.graph.nodes[n] for n in (edge.node, edge.parent))
    try:
        line = pulled(program.call(node), edge.argument)
    except UnsaidError:
        raise program.refusal(node) from None
    if node.op in BROADCASTING and parent.shape != node.shape:
        return f"summed({line}, {parent.shape})"
    return line
