"""One op explained: how it is called, and a tiny example worked through.

The example is built, evaluated and differentiated as any program is, so the page shows what the
debugger would.
"""

from __future__ import annotations

from math import isfinite, prod
from typing import TYPE_CHECKING

import numpy as np

from tui_backprop.graph.model import Backward
from tui_backprop.language.catalogue import ENGLISH
from tui_backprop.program import build
from tui_backprop.program.compiling.arguments import signature
from tui_backprop.program.vocabulary.aliases import aliases_of
from tui_backprop.render.export.document import partial_rule
from tui_backprop.render.formulas.latex_names import LatexNamer
from tui_backprop.render.formulas.symbolic import formula
from tui_backprop.render.text.arrays import Values, summary
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.numbers import Numerals, number, numerals_in
from tui_backprop.render.text.spans import plain, wrap
from tui_backprop.rules.text import application
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import edge_of, pulled
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.rules.rule import Example, Rule
    from tui_backprop.rules.types import Array, Shape
    from tui_backprop.timeline.timeline import Frame

_RESULT = "y"
_MOST_LINES = 3
"""Of a formula in plain text."""


def op_page(rule: Rule, charset: Charset, width: int, language: Language = ENGLISH) -> list[str]:
    """The lines of the page; formulas in LaTeX are not broken, so that they can be copied."""
    trace = worked(rule)
    return [
        *wrap(signature(rule), width),
        *indented(_about(rule, language), width, "  "),
        "",
        *_example(trace, charset, width),
        *elsewhere(rule.name, language, width),
    ]


def elsewhere(op: str, language: Language, width: int) -> Iterator[str]:
    """What frameworks give where the op's gradient is a choice."""
    from tui_backprop.cli.pages.conventions import point_lines
    from tui_backprop.rules.conventions.measured import measured

    for point in measured().of(op):
        yield from ("", *point_lines(point, language, width))


def _about(rule: Rule, language: Language) -> Iterator[str]:
    """What the op does, in sentences."""
    yield language.translated(rule.summary)
    if others := aliases_of(rule.name):
        yield language.say("also called {names}", names=language.say(", ").join(others))
    if rule.convention:
        convention = language.translated(rule.convention)
        yield language.say("at a kink: {convention}", convention=convention)
    without = [f"'{x}'" for x, d in zip(rule.operands, rule.derivatives, strict=True) if d is None]
    if without:
        names = language.say(", ").join(without)
        yield language.say("no derivative with respect to {names}", names=names)


def indented(lines: Iterable[str], width: int, margin: str) -> Iterator[str]:
    """Each line behind a margin, broken where it is too wide."""
    for line in lines:
        first, *rest = wrap(line, max(width - len(margin) - 2, 2))
        yield margin + first
        yield from (f"{margin}  {more}" for more in rest)


def op_latex(rule: Rule) -> dict[str, str]:
    """A partial of the example by each operand that has a derivative, as LaTeX."""
    trace = worked(rule)
    namer = LatexNamer(Namer(trace.graph))
    found: dict[str, str] = {}
    for frame in shown_partials(trace):
        name = rule.operands[edge_of(frame).argument]
        found.setdefault(name, partial_rule(frame, namer))
    return found


def worked(rule: Rule) -> Trace:
    """The op on small numbers: the first example of the row in which something is to be seen."""
    full = [e for e in rule.examples if all(0 not in shape for shape in e.shapes)]
    examples = [e for e in full if any(e.shapes)] or full
    traces = (_trace(rule, example) for example in examples)
    return next(filter(_shows_something, traces), None) or _trace(rule, examples[0])


def _shows_something(trace: Trace) -> bool:
    """Whether the op makes of its operands what none of them was already."""
    result = trace.values[_RESULT]
    return not any(np.array_equal(trace.values[name], result) for name in trace.graph.inputs)


def _trace(rule: Rule, example: Example) -> Trace:
    """An example as a program of one line."""
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
    of = graph.names[_RESULT]
    return Trace(graph, named, (Backward(of, seed(graph.nodes[of].shape)),))


def seed(shape: Shape) -> Array | None:
    """1, 2, 3 and so on, so that nothing cancels by chance; a number is pulled back by 1."""
    return np.arange(1.0, prod(shape) + 1).reshape(shape) if shape else None


def _names(rule: Rule) -> tuple[str, ...]:
    """The operands' own, where they do not clash with the result's."""
    return tuple(name if name != _RESULT else "t" for name in rule.operands)


def _numbers(rule: Rule, example: Example) -> tuple[Array, ...]:
    """Numbers of the row's domains with one decimal."""
    random = np.random.default_rng(3)
    drawn = zip(rule.domains, example.shapes, strict=True)
    return tuple(np.asarray(np.round(domain.sample(random, shape), 1)) for domain, shape in drawn)


def _example(trace: Trace, charset: Charset, width: int) -> Iterator[str]:
    namer, numerals = Namer(trace.graph, 1, charset), numerals_in(charset)
    slopes: list[str] = []
    for frame in shown_partials(trace):
        slopes += indented([_slope(frame, namer, numerals, _MOST_LINES * width)], width, "  ")
        slopes.append(f"    LaTeX: {partial_rule(frame, LatexNamer(namer))}")
    written = {node.name: node.text for node in trace.graph.nodes if node.rule is not None}
    yield from numbers_of(trace, charset, width, written, slopes)


def numbers_of(
    trace: Trace,
    charset: Charset,
    width: int,
    written: Mapping[str, str],
    slopes: Iterable[str] = (),
) -> Iterator[str]:
    """The values of what has a name, lines about slopes, and the gradients, with v before them."""
    namer, numerals = Namer(trace.graph, 1, charset), numerals_in(charset)

    def shown(head: str, array: Array) -> str:
        return head + plain(summary(Values(array), width - len(head), numerals=numerals))

    for name, value in trace.values.items():
        head = " = ".join([name, *filter(None, [written.get(name)])])
        yield shown(f"  {head} = ", value)
    yield from slopes
    v = trace.timeline[len(trace.graph.nodes)].v
    if v is not None:
        yield shown(f"  {f'{_RESULT}.v' if namer.binds('v') else 'v'} = ", v)
    for name, grad in trace.grad.items():
        yield shown(f"  {name}.grad = ", grad)


def shown_partials(trace: Trace) -> Iterator[Frame]:
    """Of each edge a partial on the diagonal of J and one off it, neither of them 0 if possible.

    Where y and x differ in shape J has no diagonal, and one is shown.
    """
    found: dict[tuple[int, bool], Frame] = {}
    for frame in trace.timeline:
        if frame.phase is not Phase.PARTIAL:
            continue
        edge, p = pulled(frame)
        nodes = trace.graph.nodes
        is_off = p.j != p.i and nodes[edge.node].shape == nodes[edge.parent].shape
        key = edge.argument, is_off
        if key not in found or (_is_nothing(found[key]) and not _is_nothing(frame)):
            found[key] = frame
    yield from (found[key] for key in sorted(found))


def _is_nothing(frame: Frame) -> bool:
    """Whether a partial is 0, or no number that can be looked at."""
    value = pulled(frame)[1].value
    return value == 0 or not isfinite(value)


def _slope(frame: Frame, namer: Namer, numerals: Numerals, room: int) -> str:
    """The partial, its formula and its number; a formula of many lines is left to LaTeX."""
    edge, p = pulled(frame)
    written = formula(frame, namer)
    is_shown = written is not None and len(written.symbolic) <= room
    steps = [namer.partial(edge, p.j, p.i), *([written.symbolic] if written and is_shown else [])]
    return " = ".join(dict.fromkeys([*steps, number(p.value, numerals)]))
