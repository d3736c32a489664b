"""One op explained: how it is called, and a tiny example worked through.

The example is built, evaluated and differentiated as any program is, so the page shows what the
debugger would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.graph.model import Backward
from tui_backprop.program import build
from tui_backprop.program.arguments import signature
from tui_backprop.render.export.document import partial_rule
from tui_backprop.render.formulas.latex_names import LatexNamer
from tui_backprop.render.formulas.symbolic import formula
from tui_backprop.render.text.arrays import Values, summary
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.numbers import Numerals, number, numerals_in
from tui_backprop.render.text.spans import plain
from tui_backprop.rules.text import application
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import pulled
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.render.text.charset import Charset
    from tui_backprop.rules.rule import Example, Rule
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.timeline import Frame

_RESULT = "y"


def op_page(rule: Rule, charset: Charset, width: int) -> list[str]:
    """The lines of the page."""
    lines = [signature(rule), f"  {rule.summary}"]
    if rule.convention:
        lines.append(f"  at a kink: {rule.convention}")
    without = [f"'{x}'" for x, d in zip(rule.operands, rule.derivatives, strict=True) if d is None]
    if without:
        lines.append(f"  no derivative with respect to {', '.join(without)}")
    trace = _worked(rule)
    return [*lines, "", *(f"  {line}" for line in _example(trace, charset, width - 2))]


def op_latex(rule: Rule) -> dict[str, str]:
    """The first partial of the example by each operand that has a derivative, as LaTeX."""
    trace = _worked(rule)
    namer = LatexNamer(Namer(trace.graph))
    return {
        rule.operands[frame.edge.argument]: partial_rule(frame, namer)
        for frame in _firsts(trace)
        if frame.edge is not None
    }


def _worked(rule: Rule) -> Trace:
    """The op on small numbers, as a program of one line."""
    example = _chosen(rule)
    operands = _numbers(rule, example)
    params = {**{p.name: p.default for p in rule.parameters}, **example.params}
    text = f"{_RESULT} = {application(rule, _names(rule), params)}"
    named = dict(zip(_names(rule), operands, strict=True))
    constant = {n for n, d in zip(named, rule.derivatives, strict=True) if d is None}
    graph = build(
        text,
        {n: x for n, x in named.items() if n not in constant},
        {n: x for n, x in named.items() if n in constant},
        np.dtype(np.float64),
    )
    return Trace(graph, named, (Backward(graph.names[_RESULT]),))


def _chosen(rule: Rule) -> Example:
    """The first example that is neither empty nor a mere number, if there is one."""
    full = [e for e in rule.examples if all(0 not in shape for shape in e.shapes)]
    return next((e for e in full if any(e.shapes)), full[0])


def _names(rule: Rule) -> tuple[str, ...]:
    """The operands' own, where they do not clash with the result's."""
    return tuple(name if name != _RESULT else "t" for name in rule.operands)


def _numbers(rule: Rule, example: Example) -> tuple[Array, ...]:
    """Numbers of the row's domains with one decimal."""
    random = np.random.default_rng(3)
    drawn = zip(rule.domains, example.shapes, strict=True)
    return tuple(np.asarray(np.round(domain.sample(random, shape), 1)) for domain, shape in drawn)


def _example(trace: Trace, charset: Charset, width: int) -> Iterator[str]:
    namer = Namer(trace.graph, 1, charset)
    numerals = numerals_in(charset)

    def shown(head: str, array: Array) -> str:
        return head + plain(summary(Values(array), width - len(head), numerals=numerals))

    for node in trace.graph.nodes:
        head = node.name if node.rule is None else f"{node.name} = {node.text}"
        yield shown(f"{head} = ", trace.value(node.id))
    for frame in _firsts(trace):
        yield _slope(frame, namer, numerals)
        yield f"  LaTeX: {partial_rule(frame, LatexNamer(namer))}"
    for name, grad in trace.grad.items():
        yield shown(f"{name}.grad = ", grad) + " for v = 1"


def _firsts(trace: Trace) -> Iterator[Frame]:
    """The first partial of each edge."""
    seen: set[int] = set()
    for frame in trace.timeline:
        if frame.phase is Phase.PARTIAL and frame.edge and frame.edge.argument not in seen:
            seen.add(frame.edge.argument)
            yield frame


def _slope(frame: Frame, namer: Namer, numerals: Numerals) -> str:
    edge, p = pulled(frame)
    y, x = namer.entry(edge.node, p.j), namer.entry(edge.parent, p.i)
    written = formula(frame, namer)
    value = number(p.value, numerals)
    steps = [f"∂{y}/∂{x}", *([written.symbolic] if written else []), value]
    return " = ".join(dict.fromkeys(steps))
