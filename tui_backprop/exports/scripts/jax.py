"""A script for JAX: one function of the inputs, and ``jax.vjp`` of an output for each pass.

Of a forward walk ``jax.jvp`` of that function: the tangents of all that it returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.exports.scripts.program import Program
from tui_backprop.graph.model import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.exports.subject import Subject
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.timeline.sums import AnyRun

_CLOSE: Final = """
jax.config.update("jax_enable_x64", True)
dtype = jnp.{dtype}


def close(found, wanted):
    wanted = np.array(wanted, dtype=dtype)
    largest = np.abs(wanted[np.isfinite(wanted)]).max(initial=1.0)
    np.testing.assert_allclose(found, wanted, rtol={rtol}, atol={atol} * largest)


"""

_HELPERS: Final = {
    "normalized": """def normalized(x, axes, eps):
    apart = x - x.mean(axis=axes, keepdims=True)
    return apart / jnp.sqrt((apart**2).mean(axis=axes, keepdims=True) + eps)


""",
    "label_scores": """def label_scores(scores, labels):
    return jnp.take_along_axis(scores, labels.astype(int)[:, None], axis=1)


""",
}


def jax(subject: Subject) -> Iterator[str]:
    """The pieces of the script.

    Raises:
        TuiBackpropError: JAX has no words for it.
    """
    helpers = " ".join(_HELPERS)
    program = Program(
        subject, "jax", "JAX", "jnp.array({0}, dtype=dtype)",
        f"jax jnp np forward values leaves pull inputs tangents pushed {helpers}",
    )  # fmt: skip
    say = subject.view.spoken.say
    statements = [f"    {program.of(n.id)} = {text}\n" for n, text in program.statements()]
    yield from program.head()
    yield program.numbers + ("\n" if program.numbers else "")
    yield "import jax\nimport jax.numpy as jnp\nimport numpy as np\n"
    rtol, atol = program.tolerances
    yield _CLOSE.format(dtype=program.graph.dtype.name, rtol=rtol, atol=atol)
    for name, text in _HELPERS.items():
        if any(f"{name}(" in line for line in statements):
            yield text
    for node, literal in program.leaves():
        if node.role is not Role.INPUT:
            yield f"{program.of(node.id)} = {literal}\n"
    arguments = ", ".join(program.of(node.id) for node in program.inputs)
    yield f"\n\ndef forward({arguments}):\n"
    yield from statements
    told = dict.fromkeys([*(node.id for node in program.shown), *sorted(program.ends)])
    yield "    return {" + ", ".join(f'"{program.of(n)}": {program.of(n)}' for n in told) + "}\n"
    yield "\n\ninputs = (\n"
    for node, literal in program.leaves():
        if node.role is Role.INPUT:
            yield f"    {literal},\n"
    yield ")\nvalues = forward(*inputs)\n"
    yield program.heading(say("What the nodes are."))
    for node in program.shown:
        yield program.check(f'values["{program.of(node.id)}"]', program.trace.value(node.id))
    if program.forward is not None:
        yield from _forward(program, program.forward)
    elif program.inputs:
        yield from _passes(program)
    yield from program.foot()


def _forward(program: Program, run: AnyRun) -> Iterator[str]:
    """Tangents of the inputs, 0 of those that are held fixed, and what they become."""
    names = ", ".join(program.of(n) for n in run.seeded)
    yield program.heading(program.subject.view.spoken.say("forward from {name}", name=names))
    yield "tangents = (\n"
    for node in program.inputs:
        seed = run.seeds.get(node.id)
        made = f"jnp.zeros({node.shape}, dtype)" if seed is None else program.array(seed)
        yield f"    {made},\n"
    yield ")\n_, pushed = jax.jvp(forward, inputs, tangents)\n"
    for node in program.shown:
        yield program.check(f'pushed["{program.of(node.id)}"]', program.tangent(node))


def _passes(program: Program) -> Iterator[str]:
    say = program.subject.view.spoken.say
    grads = {node.id: program.fresh(f"{program.of(node.id)}_grad") for node in program.inputs}
    pulled = [program.fresh(f"d{program.of(node.id)}") for node in program.inputs]
    yield "\n"
    for node in program.inputs:
        yield f"{grads[node.id]} = jnp.zeros({node.shape}, dtype)\n"
    for run, after in program.passes():
        if run is None:
            yield program.heading(say("zero_grad"))
            for node in program.inputs:
                yield f"{grads[node.id]} = jnp.zeros({node.shape}, dtype)\n"
        else:
            yield from _backward(program, run, [*grads.values()], pulled)
        for n, gradient in after.items():
            yield program.check(grads[n], gradient)


def _backward(program: Program, run: PassRun, grads: list[str], pulled: list[str]) -> Iterator[str]:
    name = program.of(run.of)
    yield program.heading(program.subject.view.spoken.say("backward from {name}", name=name))
    yield f'_, pull = jax.vjp(lambda *leaves: forward(*leaves)["{name}"], *inputs)\n'
    v = f'jnp.ones_like(values["{name}"])' if run.assumed_ones else program.array(run.seed)
    found = ", ".join(pulled) if len(pulled) > 1 else f"({pulled[0]},)"
    yield f"{found} = pull({v})\n"
    for grad, d in zip(grads, pulled, strict=True):
        yield f"{grad} = {grad} + {d}\n"
