"""The step pane."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from tests.marks import MANY, spread
from tests.render.views import NAMES, opened, text_of, titled_view, view_at, views
from tests.scenario.support import FORWARD
from tui_backprop.api import Scenario, load
from tui_backprop.language.catalogue import ENGLISH, language_of, languages
from tui_backprop.render.panes.equation import equation_content, equations
from tui_backprop.render.panes.step_sentences import sentences
from tui_backprop.render.speech.sentences import Sentences
from tui_backprop.render.text.charset import ASCII, UNICODE
from tui_backprop.render.text.names import Namer
from tui_backprop.render.text.spans import width
from tui_backprop.scenario.load import loads
from tui_backprop.timeline.frame import Phase

if TYPE_CHECKING:
    from pathlib import Path

    from tui_backprop.render.text.charset import Charset


def test_the_seed_reads_as_the_article_derives_it() -> None:
    """Nine partials, column by column; here the three of the first column and the fifth."""
    assert equations(view_at("vector-double", 4)) == (
        "∂y₁/∂x₁ = ∂(2·x₁)/∂x₁ = 2",
        "v₁·∂y₁/∂x₁ = 1·2 = 2",
        "X.grad₁: · → 2",
    )
    assert equations(view_at("vector-double", 5))[1:] == (
        "v₂·∂y₂/∂x₁ = 2·0 = 0",
        "X.grad₁ = 2 + 0 = 2",
    )
    assert equations(view_at("vector-double", 8)) == (
        "∂y₂/∂x₂ = ∂(2·x₂)/∂x₂ = 2",
        "v₂·∂y₂/∂x₂ = 2·2 = 4",
        "X.grad₂ = 0 + 4 = 4",
    )


@pytest.mark.parametrize("charset", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_an_equals_sign_holds_for_the_digits_that_are_shown(charset: Charset) -> None:
    """In the product and in the sum; where they are rounded the other sign stands there."""
    found: Counter[str] = Counter()
    for view in views("mlp-2-3-1", charset=charset, symbolic=False):
        if view.frame.phase is Phase.PARTIAL:
            for text in equations(view)[1:]:
                parts = re.search(r" = ([^=]+) (=|≈|~=) ([^=]+)$", text.replace("−", "-"))
                if parts is not None:
                    given, sign, result = parts.groups()
                    is_same = _exactly(given) == Fraction(result)
                    assert sign == ("=" if is_same else "~=" if charset.is_ascii else "≈"), text
                    found[sign] += 1
    assert len(found) == 2


def _exactly(text: str) -> Fraction:
    """What a product or a sum of two numbers is."""
    found = re.fullmatch(r"\(?(-?[\d.e-]+)\)?( ?[·*+-] ?)\(?(-?[\d.e-]+)\)?", text)
    assert found is not None, text
    first, sign, second = found.groups()
    a, b = Fraction(first), Fraction(second)
    return {"+": a + b, "-": a - b}.get(sign.strip(), a * b)


def test_a_node_says_where_its_gradient_becomes_v() -> None:
    """At the first partial of its edges, and nowhere else; the output has a seed instead."""
    found = [v for v in views("mlp-2-3-1") if any("is complete" in s for s in sentences(v))]
    met = [view.frame.node.id for view in found]
    names = [node.name for node in opened("mlp-2-3-1")[1].graph.nodes]
    assert met == [13, 11, names.index("y"), 9, names.index("h"), names.index("z"), 6]
    assert sentences(found[0])[-1] == "#13.grad is complete: it is v for the edges of #13."
    seeded = next(v for v in views("vector-double") if v.frame.phase is Phase.SEED)
    assert equations(seeded) == ("v = Y.grad = [1 2 3]",)


@pytest.mark.few(6)
@pytest.mark.parametrize("charset", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("name", NAMES)
def test_what_has_only_a_number_is_explained_in_sight(name: str, charset: Charset) -> None:
    """Whatever the size of the pane, as long as it has a row for each."""
    for view in views(name, charset=charset, symbolic=False):
        if view.frame.phase not in {Phase.PARTIAL, Phase.SEED}:
            continue
        told = " ".join((*equations(view), *sentences(view)))
        numbers = set(re.findall(r"#[0-9]+", told))
        for cells, height in ((56, 3), (78, 3), (78, 4), (118, 5), (158, 9)):
            lines = text_of(equation_content(view, cells, height), cells, height)
            for number in numbers:
                meaning = re.compile(rf"(?:^| ){number} = ")
                assert any(map(meaning.search, lines)), (number, lines)


def test_in_two_rows_the_product_is_in_sight() -> None:
    """Before what a number means, which the graph tells too."""
    view = next(v for v in views("mlp-2-3-1") if v.frame.k == 37)
    first, second = text_of(equation_content(view, 60, 2), 60, 2)
    assert first.startswith("∂#6₁/∂w1₁₂ = ")
    assert second == "v₁·∂#6₁/∂w1₁₂ = (−2.58687)·2 ≈ −5.17375"


def test_a_long_meaning_is_cut_with_a_sign() -> None:
    """It is never broken, and says where it goes on."""
    view = next(v for v in views("mlp-2-3-1") if v.frame.node.id == 13 and v.frame.edge)
    lines = text_of(equation_content(view, 14, 40), 14, 40)
    assert "#11 = y - tar…" in lines


def test_a_structural_zero_is_explained() -> None:
    """The student who asks why J has zeros finds the answer on the step."""
    assert sentences(view_at("vector-double", 5)) == (
        "y₂ does not read x₁: the slope is 0 whatever the numbers are.",
    )


def test_ones_are_said_to_be_assumed() -> None:
    """A seed that was left out is not silently ones."""
    seeded = next(v for v in views("vector-double-no-v") if v.frame.phase is Phase.SEED)
    assert any("PyTorch would raise" in s for s in sentences(seeded))


@pytest.mark.parametrize("count", MANY)
@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", NAMES)
def test_every_step_says_something_that_fits(name: str, language: str, count: int) -> None:
    """No line is wider than the pane, at any width, in any language."""
    for view in spread(views(name, language=language), count):
        for cells in (20, 78, 158):
            content = equation_content(view, cells, 6)
            assert text_of(content, cells, 20)
        wide = equation_content(view, 158, 6)
        assert wide.size[0] <= 158


def test_without_the_algebra_numbers_stand_alone() -> None:
    """Before SymPy is loaded the step is complete but for the formula."""
    assert equations(view_at("vector-double", 4, symbolic=False))[0] == "∂y₁/∂x₁ = 2"


def test_formulas_of_inner_functions() -> None:
    """The partial of tanh is written with its square on the name."""
    found = [equations(v)[0] for v in views("mlp-2-3-1") if v.frame.phase is Phase.PARTIAL]
    assert any("1 − tanh²(z₁)" in text for text in found)
    assert all(width(text) < 200 for text in found)


def test_two_edges_from_one_node_are_told_apart() -> None:
    """∂(x·x)/∂x is 2x, but one edge of ``x * x`` contributes x: primes say which x is meant."""
    found = [equations(v)[0] for v in views("fan-out") if v.frame.phase is Phase.PARTIAL]
    assert "∂#2/∂x = ∂(x′·x′′)/∂x′ = x′′ = 2" in found
    assert "∂#2/∂x = ∂(x′·x′′)/∂x′′ = x′ = 2" in found


def test_nothing_arrives_only_where_nothing_is_added(tmp_path: Path) -> None:
    """A slope of 0 times an infinite v is NaN, and that arrives."""
    path = tmp_path / "root.yaml"
    path.write_text(
        "format: 1\ninputs: {x: [0, 1]}\nprogram: y = sum(sqrt(x ** 2))\nbackward: {of: y}\n",
        "utf-8",
    )
    trace = load(path).trace()
    own = [replace(titled_view(trace), frame=frame) for frame in trace.timeline]
    met = set()
    for view in [*own, *(v for name in NAMES for v in views(name, symbolic=False))]:
        partial = view.frame.partial if view.frame.edge is not None else None
        if partial is None or not partial.is_structural or partial.value != 0:
            continue
        said = " ".join(sentences(view))
        assert ("nothing arrives" in said) is (partial.contribution == 0), view.frame.k
        met.add(partial.contribution == 0)
    assert met == {False, True}


def test_a_forward_walk_says_of_a_leaf_whether_it_moves() -> None:
    """No gradient arrives anywhere in it, and no gradient is what an input ends with."""
    trace = Scenario(loads(FORWARD)).trace()
    timeline = trace.timeline
    leaves = [f for f in timeline if f.phase is Phase.BUILD and not f.node.parents]
    told = {f.node.name: sentences(titled_view(trace, frame=f)) for f in leaves}
    assert told["w"][0] == "w is an input that moves: the walk begins with its tangent."
    assert told["b"] == ("b is an input that is held fixed in this walk.",)
    assert told["x"] == ("x is a constant: it does not move.",)
    spoken = Sentences(Namer(timeline.trace.graph), ENGLISH)
    heard = [spoken.event(f) for f in timeline if f.phase is Phase.BUILD]
    assert heard[:3] == [
        "w is an input that moves, a vector of 2: 0.5, minus 1.",
        "b is an input that is held fixed, 0.25.",
        "x is a constant, a vector of 2: 1, 2; it does not move.",
    ]


@pytest.mark.parametrize("scenario", [Scenario(loads(FORWARD)), load("forward-mode")])
def test_no_sentence_of_a_forward_walk_speaks_of_gradients(scenario: Scenario) -> None:
    """In the step pane and in speech, in either language."""
    trace = scenario.trace()
    for language in map(language_of, languages()):
        spoken = Sentences(Namer(trace.graph, is_forward=True), language)
        for frame in trace.timeline:
            view = titled_view(trace, frame=frame, language=language.code)
            told = (*sentences(view), spoken.event(frame))
            assert not [x for x in told if re.search("gradient|backward|pulled|梯度|反向", x)]
