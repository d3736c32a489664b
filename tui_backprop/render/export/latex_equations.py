r"""What happens in a step, as LaTeX: the equations of the step pane, and J and v as matrices.

It stands apart from the documents, which say where an equation stands: Markdown and LaTeX set the
same mathematics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.render.formulas.latex_arrays import (
    UNKNOWN,
    array,
    is_cut,
    matrix,
    quantity,
    row,
    size,
)
from tui_backprop.render.formulas.latex_names import derivative
from tui_backprop.render.formulas.symbolic import latex
from tui_backprop.render.text.arrays import Values

if TYPE_CHECKING:
    from tui_backprop.graph.jacobian import LocalJacobian
    from tui_backprop.graph.model import Edge
    from tui_backprop.render.formulas.latex_names import LatexNamer
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.frame import Frame, Partial


def slope(frame: Frame, namer: LatexNamer, *, symbolic: bool) -> str:
    r"""``∂y₂/∂x₂ = ∂/∂x₂ (2·x₂) = 2``.

    Args:
        frame: a step that takes a partial.
        namer: how entries are called.
        symbolic: whether the formula is wanted; a structural zero has none.
    """
    edge, p = _taken(frame)
    steps = [namer.partial(edge, p.j, p.i)]
    written = latex(frame, namer.names) if symbolic and p.is_structural else None
    if written is not None:
        by = rf"\dfrac{{\partial}}{{\partial {written.variable}}}"
        steps += [rf"{by} \left({written.function}\right)", written.partial]
    value = quantity(p.value)
    return " = ".join([*steps, value] if steps[-1] != value else steps)


def rule(frame: Frame, namer: LatexNamer) -> str:
    """``∂y₁/∂x₁ = 1 − tanh²(x₁)``: the row itself, whatever the numbers are."""
    edge, p = _taken(frame)
    written = latex(frame, namer.names)
    if written is None:
        raise AssertionError("an edge has a formula")
    return f"{namer.partial(edge, p.j, p.i)} = {written.symbolic}"


def product(frame: Frame, namer: LatexNamer) -> str:
    """``v₂·∂y₂/∂x₂ = 2·2 = 4``."""
    edge, p = _taken(frame)
    factors = rf"{namer.cotangent(edge.node, p.j)} \cdot {namer.partial(edge, p.j, p.i)}"
    numbers = rf"{_factor(p.v)} \cdot {_factor(p.value)}"
    return f"{factors} = {numbers} = {quantity(p.contribution)}"


def total(frame: Frame, namer: LatexNamer) -> str:
    """``X.grad₂ = 0 + 4 = 4``, or that an entry, unknown so far, is now so much."""
    edge, p = _taken(frame)
    name = namer.gradient_entry(edge.parent, p.i)
    after = quantity(p.after)
    if p.before is None:
        return rf"{name}\colon {UNKNOWN} \to {after}"
    added = quantity(p.contribution)
    sign, added = ("-", added[1:]) if added.startswith("-") else ("+", added)
    return f"{name} = {quantity(p.before)} {sign} {added} = {after}"


def local(frame: Frame, namer: LatexNamer) -> tuple[str, str]:
    """J of a step's edge and the v that is pulled back through it."""
    edge, v = frame.edge, frame.v
    if edge is None or v is None:
        raise AssertionError("a step of the partial phase has an edge and a v")
    named = derivative(namer.label(edge.node), namer.label(edge.parent))
    return (
        f"{'' if namer.names.binds('J') else 'J = '}{named} = {matrix(_jacobian(frame))}",
        rf"v^{{\mathsf{{T}}}} = {row(Values(v))}",
    )


def local_size(frame: Frame) -> str:
    """How many rows and columns J has."""
    return size(_jacobian(frame).shape)


def is_local_cut(frame: Frame) -> bool:
    """Whether J is too large to be shown whole."""
    return is_cut(_jacobian(frame).shape)


def vjp(frame: Frame, namer: LatexNamer) -> tuple[str, str]:
    """What a whole edge adds to its parent's adjoint, and what that is then."""
    if frame.edge is None:
        raise AssertionError("an edge ends with a partial")
    walk = frame.timeline.walk(frame.pass_number)
    added = walk.sums.contribution(frame.timeline.place(frame).edge)
    adjoint = array(frame.adjoint(frame.edge.parent))
    return (
        rf"v^{{\mathsf{{T}}}} J = {array(Values(added))}",
        f"{namer.gradient(frame.edge.parent)} = {adjoint}",
    )


def seed(v: Array) -> str:
    """The v of a pass."""
    return f"v = {array(Values(v))}"


def gradient(node_id: int, adjoint: Array, namer: LatexNamer) -> str:
    """A finished gradient."""
    return f"{namer.gradient(node_id)} = {array(Values(adjoint))}"


def _taken(frame: Frame) -> tuple[Edge, Partial]:
    if frame.edge is None or frame.partial is None:
        raise AssertionError("a step of the partial phase has an edge")
    return frame.edge, frame.partial


def _jacobian(frame: Frame) -> LocalJacobian:
    if frame.J is None:
        raise AssertionError("an edge belongs to an op")
    return frame.J


def _factor(value: float) -> str:
    text = quantity(value)
    return rf"\left({text}\right)" if text.startswith("-") else text
