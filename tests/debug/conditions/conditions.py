"""Expressions drawn at random over what a graph has: conditions, numbers and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace

_NUMBERS = st.sampled_from(["0", "1", "-1", "0.5", "2", "1e9", "inf"])
_SIGNS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
_REDUCED = st.sampled_from(
    ["norm", "max", "min", "sum", "mean", "count_nonzero", "prod", "std", "var"]
)
_TESTED = st.sampled_from(["isnan", "isinf", "isfinite"])


@st.composite
def arrays(draw: st.DrawFn, trace: Trace) -> str:
    """Something with any number of entries."""
    node = draw(st.sampled_from([n for n in trace.graph.nodes if n.name]))
    gradient = f"{node.name}.grad"
    base = draw(st.sampled_from(["v", "J", "step", node.name, gradient, gradient]))
    form = draw(
        st.sampled_from(
            ["{}", "{}", "abs({})", "-{}", "{} * {}", "{} + 1", "tanh({})", "sin({})", "square({})",
             "1 / {}", "{} - {}", "maximum({}, 0)", "{}.T", "ravel({})", "sqrt({})", "exp({})"]
        )
    )  # fmt: skip
    return form.replace("{}", base)


@st.composite
def conditions(draw: st.DrawFn, trace: Trace) -> str:
    """Something with one answer."""
    array = draw(arrays(trace))
    kind = draw(st.integers(0, 6))
    if kind == 0:
        found = f"any({draw(_TESTED)}({array}))"
    elif kind == 1:
        found = f"{draw(st.sampled_from(['any', 'all']))}({array} {draw(_SIGNS)} {draw(_NUMBERS)})"
    elif kind == 2:
        found = f"step {draw(_SIGNS)} {draw(st.integers(0, 40))}"
    elif kind == 3:
        op = draw(st.sampled_from(sorted({n.op for n in trace.graph.nodes})))
        found = draw(st.sampled_from([f'op == "{op}"', f'op != "{op}"', 'phase == "partial"']))
    else:
        found = f"{draw(_REDUCED)}(ravel({array})) {draw(_SIGNS)} {draw(_NUMBERS)}"
    if draw(st.integers(0, 3)) == 0:
        joint = draw(st.sampled_from(["and", "or"]))
        found = f"{found} {joint} {draw(conditions(trace))}"
    return f"not ({found})" if draw(st.integers(0, 5)) == 0 else found
