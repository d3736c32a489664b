"""The table of keys and the JSON Schema that is derived from it say the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.scenario.support import document
from tui_backprop.scenario.fields import json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

VALIDATOR = Draft202012Validator(json_schema())

NUMBER = st.integers(-3, 3) | st.floats(-9, 9) | st.sampled_from([0.0, 1.0, 2.0, 1e300])
WORD = st.sampled_from(["Y", "show", "1", "", "no", "normal", "\x1b[31m", "中"])
JUNK = st.one_of(
    st.none(), st.booleans(), NUMBER, WORD, st.lists(WORD, max_size=2), st.lists(st.none()),
    st.dictionaries(WORD, NUMBER, max_size=2), st.lists(st.lists(NUMBER, max_size=0), max_size=1),
)  # fmt: skip


def record(required: dict[str, Any], optional: dict[str, Any] | None = None) -> Any:
    """Mappings with these keys: mostly good ones, some with a key too few, too many or wrong."""
    optional = optional or {}
    good = st.fixed_dictionaries(required, optional=optional)
    broken = st.fixed_dictionaries(
        {}, optional={k: v | JUNK for k, v in {**required, **optional, "other": JUNK}.items()}
    )
    return st.one_of(good, good, good, broken)


SHAPE = st.lists(st.integers(0, 3) | st.sampled_from([1, 2, 2.0, 2.5]), max_size=3)
ROWS = st.integers(1, 2).flatmap(
    lambda n: st.lists(st.lists(NUMBER, min_size=n, max_size=n), min_size=1, max_size=3)
)
LEAF = st.one_of(
    NUMBER,
    st.lists(NUMBER, min_size=1, max_size=3),
    ROWS,
    record({"value": ROWS | NUMBER}),
    record({"shape": SHAPE, "fill": NUMBER}),
    record(
        {"shape": SHAPE, "random": st.sampled_from(["normal", "uniform", "gauss"])},
        {"seed": NUMBER, "scale": NUMBER},
    ),
    record({"file": WORD}, {"key": WORD}),
    JUNK,
)
NAME = st.sampled_from(
    ["X", "W1", "_b", "X", "W1", "_b", "exp", "if", "1x", "é", "", "__x", "pi", "x" * 101, "true"]
)
LEAVES = st.dictionaries(NAME, LEAF, max_size=3)
TEXT = WORD | record({"en": WORD}, {"zh": WORD})
PASS = record({"of": WORD}, {"v": LEAF}) | record({"zero_grad": st.just(True)}) | JUNK
MORE = {"holds": st.booleans(), "by": TEXT, "rtol": NUMBER, "atol": NUMBER}
CLAIM = (
    record({"of": WORD, "value": LEAF}, {"after": NUMBER, **MORE})
    | record({"partial": record({"of": WORD, "wrt": WORD}), "value": LEAF}, MORE)
    | JUNK
)
DOCUMENT = record(
    {"format": st.sampled_from([1, 1, 1, 1.0]), "inputs": LEAVES, "program": WORD},
    {
        "title": TEXT,
        "source": WORD,
        "constants": LEAVES,
        "dtype": st.sampled_from(["float64", "float32", "float16"]),
        "backward": PASS | st.lists(PASS, max_size=3),
        "expect": record({}, {"values": LEAVES, "grad": LEAVES, "rtol": NUMBER, "atol": NUMBER}),
        "claims": st.lists(CLAIM, max_size=2),
        "notes": st.lists(record({"at": WORD, "text": TEXT}), max_size=3),
        "view": record({}, {"zeros": WORD, "subscripts": NUMBER}),
    },
)  # fmt: skip


@given(value=DOCUMENT)
def test_table_and_schema_agree(value: Any) -> None:
    """A document has no structural problem exactly if it validates against the schema."""
    _, report = document(json.dumps(value, ensure_ascii=True))
    complaints = [p.message for p in report.error().problems]
    assert report.is_clean == VALIDATOR.is_valid(value), complaints


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("inputs", {"X": [1, 2]}), ("inputs", {"X": {"value": 1}}), ("inputs", {}),
        ("inputs", {"X": {"shape": [2, 3], "fill": 0}}),
        ("inputs", {"X": {"shape": [], "fill": 0}}),
        ("inputs", {"X": {"shape": [2], "random": "normal", "seed": 7, "scale": 0.1}}),
        ("inputs", {"X": {"file": "w.npz", "key": "W"}}), ("inputs", {"X": {"shape": [2]}}),
        ("inputs", {"X": {"fill": 1, "random": "normal", "shape": [1]}}),
        ("inputs", {"X": {"shape": [1] * 65, "fill": 0}}),
        ("constants", {}), ("constants", {"sum": 1}), ("title", {"en": "a", "zh": "b"}),
        ("title", {}), ("title", {"fr": "a"}), ("backward", []), ("backward", {"of": "Y"}),
        ("backward", [{"of": "Y", "v": 1}, {"zero_grad": True}]),
        ("backward", {"zero_grad": False}),
        ("backward", {"of": "Y", "zero_grad": True}), ("view", {"subscripts": True}),
        ("view", {"subscripts": 0}), ("expect", {"rtol": -1}), ("expect", {}), ("notes", []),
        ("notes", [{"at": "Y"}]), ("format", True), ("format", 1.0), ("dtype", "float16"),
        ("claims", []), ("claims", [{"of": "X.grad", "value": 1}]), ("claims", {"of": "X.grad"}),
        ("claims", [{"partial": {"of": "Y", "wrt": "X"}, "value": 1, "holds": False}]),
        ("claims", [{"partial": {"of": "Y"}, "value": 1}]), ("claims", [{"value": 1}]),
        ("claims", [{"of": "X.grad", "value": 1, "after": 0}]),
        ("claims", [{"of": "X.grad", "value": 1, "holds": 0}]),
        ("unknown", 1), ("source", None), ("program", 5),
    ],
)  # fmt: skip
def test_agreement_on_examples(key: str, value: Any) -> None:
    """The same for forms that chance may miss."""
    whole = {"format": 1, "inputs": {"X": 1}, "program": "Y = X", key: value}
    _, report = document(json.dumps(whole))
    assert report.is_clean == VALIDATOR.is_valid(whole)


def test_schema_is_a_schema() -> None:
    """The schema is one of draft 2020-12 itself, and plain JSON."""
    Draft202012Validator.check_schema(json_schema())
    assert json.loads(json.dumps(json_schema())) == json_schema()


def test_every_key_is_described() -> None:
    """Editors have something to say about each key."""
    for properties in _properties(json_schema()):
        for name, schema in properties.items():
            assert schema["description"].endswith("."), name


def _properties(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema["properties"]
        for inner in schema.values():
            yield from _properties(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _properties(inner)


def test_all_structural_problems_at_once() -> None:
    """Every key is read, whatever the others are."""
    _, report = document("formt: 1\ninputs: {X: two, if: 1}\nprogram: 5\nview: {zeros: hide}\n")
    found = [(p.line, p.column, p.message, p.hint) for p in report.error().problems]
    assert found == [
        (1, 1, "unknown key 'formt'", "did you mean 'format'?"),
        (1, 1, "missing key 'format'", ""),
        (2, 13, "expected a number, found the text 'two'", ""),
        (2, 18, "'if' cannot be a name", ""),
        (3, 10, "expected the text of a program, found the number 5", "put it in quotes"),
        (4, 15, "expected show or skip, found the text 'hide'", "one of: show, skip"),
    ]


def test_defaults() -> None:
    """What is left out is what the schema says."""
    read, _ = document("format: 1\ninputs: {X: 1}\nprogram: Y = X\nexpect: {}\nview: {}\n")
    assert read is not None
    assert read.expect is not None
    assert read.view is not None
    assert (read.dtype, read.expect.rtol, read.expect.atol) == ("float64", 1e-6, 1e-9)
    assert (read.view.zeros, read.view.subscripts) == ("skip", 1)
