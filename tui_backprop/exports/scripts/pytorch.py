"""A script for PyTorch: ``y.backward(v)`` for each pass, and every gradient asserted behind it.

Of a forward walk dual numbers: each input that moves carries its tangent, and so does what is
computed from it.
"""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING, Final

from tui_backprop.exports.scripts.program import Program
from tui_backprop.graph.model import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.exports.subject import Subject
    from tui_backprop.graph.model import Node
    from tui_backprop.graph.passes import PassRun

_CLOSE: Final = """
dtype = torch.{dtype}


def close(found, wanted):
    wanted = torch.tensor(wanted, dtype=dtype)
    found = torch.zeros_like(wanted) if found is None else found.detach()
    finite = wanted[wanted.isfinite()].abs()
    atol = {atol} * max(1.0, finite.max().item() if finite.numel() else 0.0)
    torch.testing.assert_close(found, wanted, rtol={rtol}, atol=atol, equal_nan=True)


"""


_TANGENT: Final = """def tangent(dual):
    return forward_ad.unpack_dual(dual).tangent


"""


def pytorch(subject: Subject) -> Iterator[str]:
    """The pieces of the script.

    Raises:
        TuiBackpropError: PyTorch has no words for it.
    """
    program = Program(
        subject,
        "torch",
        "PyTorch",
        "torch.tensor({0}, dtype=dtype)",
        "torch functional forward_ad tangent dual",
    )
    statements = [f"{program.of(n.id)} = {text}\n" for n, text in program.statements()]
    yield from program.head()
    yield program.numbers + ("\n" if program.numbers else "") + "import torch\n"
    if program.forward is not None:
        yield "from torch.autograd import forward_ad\n"
    if any("functional." in line for line in statements):
        yield "from torch.nn import functional\n"
    rtol, atol = program.tolerances
    yield _CLOSE.format(dtype=program.graph.dtype.name, rtol=rtol, atol=atol)
    if program.forward is None:
        yield from _values(program, statements)
        yield from _passes(program)
    else:
        yield from _forward(program, statements)
    yield from program.foot()


def _values(program: Program, statements: Sequence[str]) -> Iterator[str]:
    """The leaves, what is computed from them, and what it is."""
    for node, literal in program.leaves():
        yield f"{program.of(node.id)} = {_leaf(program, node, literal)}\n"
    yield "\n"
    yield from statements
    yield program.heading(program.subject.view.spoken.say("What the nodes are."))
    for node in program.shown:
        yield program.check(program.of(node.id), program.trace.value(node.id))


def _leaf(program: Program, node: Node, literal: str) -> str:
    """An input with a gradient, or with its tangent; what is held fixed and a constant as it is."""
    if program.forward is None:
        return _requiring(literal) if node.role is Role.INPUT else literal
    seed = program.forward.seeds.get(node.id)
    return literal if seed is None else _dual(literal, program.array(seed))


def _forward(program: Program, statements: Sequence[str]) -> Iterator[str]:
    """The program with dual numbers, which there are within one block alone."""
    yield _TANGENT
    yield "with forward_ad.dual_level():\n"
    lines = [*_values(program, statements)]
    lines.append(program.heading(program.subject.view.spoken.say("What their tangents are.")))
    lines += [program.check(f"tangent({program.of(n.id)})", program.tangent(n))
              for n in program.shown]  # fmt: skip
    yield indent("".join(lines), "    ")


def _dual(literal: str, tangent: str) -> str:
    """An input that moves."""
    return f"forward_ad.make_dual(\n    {literal},\n    {tangent},\n)"


def _requiring(literal: str) -> str:
    """A leaf with a gradient: of a call with a dtype, or of what it was reshaped to."""
    is_call = literal.endswith("dtype)")
    return f"{literal[:-1]}, requires_grad=True)" if is_call else f"{literal}.requires_grad_()"


def _passes(program: Program) -> Iterator[str]:
    say = program.subject.view.spoken.say
    passes = [*program.passes()]
    last = max((k for k, (run, _) in enumerate(passes) if run is not None), default=-1)
    for k, (run, after) in enumerate(passes):
        if run is None:
            yield program.heading(say("zero_grad"))
            for node in program.inputs:
                yield f"{program.of(node.id)}.grad = None\n"
        else:
            yield from _backward(program, run, is_last=k == last)
        for n, gradient in after.items():
            yield program.check(f"{program.of(n)}.grad", gradient)


def _backward(program: Program, run: PassRun, *, is_last: bool) -> Iterator[str]:
    say = program.subject.view.spoken.say
    name = program.of(run.of)
    yield program.heading(say("backward from {name}", name=name))
    if not program.reaches(run):
        told = say("no input is reached from it")
        yield f"# {told}\n"
        return
    v = f"torch.ones_like({name})" if run.assumed_ones else program.array(run.seed)
    kept = "" if is_last else ", retain_graph=True"
    yield f"{name}.backward({v}{kept})\n"
