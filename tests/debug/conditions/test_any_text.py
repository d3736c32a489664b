"""Whatever expression is typed, wherever one is typed: an answer, or a refusal in a sentence."""

from __future__ import annotations

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.effort import effort
from tests.marks import MANY, spread, together
from tests.strategies import seed_example
from tui_backprop import Session
from tui_backprop.debug.conditions.evaluation import VOCABULARY
from tui_backprop.errors import TuiBackpropError

VERBS = ("print {}", "break if {}", "watch {}", "display {}", "until {}", "assert {} == 1",
         "tbreak Y if {}")  # fmt: skip
KINDS = ("X", "Y", "v", "J", "X.grad", "step", "op", "phase", "None", "True", "1", "-1", "0.5",
         "[0, 1]", "[X, Y]", "[step, 0]", "(1, 2)", "[]", "'ij,jk'", "'mean'", "inf", "nan", "...",
         "X > 1", "10 ** 30", "[[1], [2, 3]]", "X[0]", "X.shape", "e")  # fmt: skip


def session() -> Session:
    """A walk that is in the backward pass, so that v and J are there."""
    found = Session(seed_example())
    for _ in range(5):
        found.step()
    return found


def told(at: Session, line: str) -> None:
    """Carry out a line; what it raises must be the debugger's own, and say something."""
    before, complaint = at.cursor, ""
    try:
        at.execute(line)
    except TuiBackpropError as error:
        complaint = str(error) or "nothing was said"
    assert complaint != "nothing was said"
    if complaint:
        assert at.cursor == before


@pytest.mark.few(5)
@pytest.mark.parametrize("count", MANY)
@together("name", sorted(VOCABULARY), most=8)
def test_every_argument_of_every_function(name: str, count: int) -> None:
    """Each of its arguments in turn is of each kind, right or wrong; of some, others each time."""
    rule, at = VOCABULARY[name], session()
    names = [*rule.operands, *(p.name for p in rule.parameters)]
    for place in range(len(names) + 1):
        first = (crc32(name.encode()) + place) % len(KINDS)
        for kind in spread(KINDS[first:] + KINDS[:first], count):
            given = ["X"] * min(place, len(rule.operands)) + ["0"] * (place - len(rule.operands))
            told(at, f"print {name}({', '.join([*given, kind])})")
            if place < len(names):
                told(at, f"print {name}(X, {names[place]}={kind})")


@pytest.mark.few(3)
@pytest.mark.parametrize("verb", VERBS)
@together("kind", KINDS, most=8)
def test_every_place_of_an_expression(verb: str, kind: str) -> None:
    """As an index, as an axis, as a shape, alone, and as an operand."""
    for text in (kind, f"X[{kind}]", f"sum(X, {kind})", f"reshape(X, {kind})", f"X + {kind}",
                 f"X.max(axis={kind})", f"X[{kind}:]", f"[X, {kind}]", f"len({kind})",
                 f"min(X, {kind})", f"norm(X, 2, {kind})", f"{kind} @ X", f"X[[{kind}]]",
                 f"X[{kind}, None]", f"not {kind}", f"{kind} and X[0]",
                 f"{kind}.sum()"):  # fmt: skip
        told(session(), verb.format(text))


pieces = st.recursive(
    st.sampled_from(KINDS),
    lambda inner: st.one_of(
        st.builds("{}({}, {})".format, st.sampled_from(sorted(VOCABULARY)), inner, inner),
        st.builds("{}({})".format, st.sampled_from(sorted(VOCABULARY)), inner),
        st.builds("{}.{}({})".format, inner, st.sampled_from(sorted(VOCABULARY)), inner),
        st.builds("{}({}, axis={})".format, st.sampled_from(sorted(VOCABULARY)), inner, inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("({} {} {})".format, inner,
                  st.sampled_from(["+", "*", "@", "%", "//", "**", "<", "==", "and", "or"]), inner),
    ),
    max_leaves=6,
)  # fmt: skip


@effort(5)
@given(text=pieces, verb=st.sampled_from(VERBS))
def test_any_expression(text: str, verb: str) -> None:
    """Functions of functions, of whatever kinds."""
    told(session(), verb.format(text))
