from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scenario.support import DOUBLE, message, problem, problems
from tui_backprop.errors import ScenarioError
from tui_backprop.limits import DEFAULT_LIMITS
from tui_backprop.scenario.load import load, loads

if TYPE_CHECKING:
    from pathlib import Path


def test_everything(tmp_path: Path) -> None:
    """A file with every key becomes a model with all of it."""
    np.savez(tmp_path / "w.npz", W=np.ones((2, 3)))
    path = tmp_path / "whole.yaml"
    path.write_text(
        "format: 1\ntitle: {en: One, zh: 一}\nsource: nowhere\ndtype: float32\n"
        "inputs:\n  W: {file: w.npz, key: W}\n  X: [1, 2, 3]\n"
        "constants: {c: 4}\nprogram: |\n  Y = c * (W @ X)\n"
        "backward: {of: Y, v: [1, 2]}\n"
        "expect: {values: {Y: [24, 24]}, grad: {X: [12, 12, 12]}, rtol: 1e-3, atol: 0}\n"
        "notes:\n- {at: Y, text: here}\nview: {zeros: show, subscripts: 0}\n",
        encoding="utf-8",
    )
    model = load(path)
    assert (model.path, model.name, model.source) == (path, "whole", "nowhere")
    assert [model.title.get(language) for language in ("en", "zh", "de")] == ["One", "一", "One"]
    assert [*model.leaves] == ["W", "X", "c"]
    assert [*model.graph.inputs] == ["W", "X"]
    assert [*model.graph.constants] == ["c"]
    assert {array.dtype for array in model.leaves.values()} == {np.dtype("float32")}
    assert not any(array.flags.writeable for array in model.leaves.values())
    assert (model.expect.rtol, model.expect.atol) == (1e-3, 0)
    assert (model.view.zeros, model.view.subscripts) == ("show", 0)
    assert model.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_defaults() -> None:
    """The shortest scenario has a title, one pass and the usual view."""
    model = loads(DOUBLE, "double")
    assert (model.path, model.name, model.title.get("zh"), model.source) == (
        None, "double", "double", "",
    )  # fmt: skip
    assert len(model.passes) == 1
    assert (model.view.zeros, model.view.subscripts, model.notes) == ("skip", 1, ())
    assert (model.expect.rtol, model.expect.atol) == (1e-6, 1e-9)
    assert not model.expect.values
    assert model.graph.dtype == "float64"


def test_texts_stay_what_they_are() -> None:
    """Control characters and markup in titles and notes are data; the screen cleans them."""
    model = loads(f'{DOUBLE}title: "\\e[31m[red]x[/]\\0"\nnotes: [{{at: Y, text: "\\a"}}]\n')
    assert model.title.get("en") == "\x1b[31m[red]x[/]\0"
    assert model.notes[0].text.get("en") == "\a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("format: 2\nnew: {}\n", (1, 9, "format 2 is not known", "this version reads format 1")),
        ("format: 1.5\n", (1, 9, "format 1.5 is not known", "this version reads format 1")),
        ("[1, 2]\n", (1, 1, "expected a mapping, found a list", "")),
        ("hello\n", (1, 1, "expected a mapping, found the text 'hello'", "")),
        (DOUBLE.replace("format: 1", "format: one"),
         (1, 9, "expected 1, found the text 'one'", "")),
        (f"{DOUBLE}input: 1\n", (6, 1, "unknown key 'input'", "did you mean 'inputs'?")),
        (f"{DOUBLE}view: {{zeros: shwo}}\n",
         (6, 15, "expected show or skip, found the text 'shwo'", "did you mean 'show'?")),
        (f"{DOUBLE}constants:\n",
         (6, 11, "expected a mapping from names to numbers, found nothing",
          "write {} for an empty one, or leave the key out")),
        (f"{DOUBLE}constants: {{X: 1}}\n",
         (6, 13, "'X' is an input too (line 3)", "a leaf is one or the other")),
        (f"{DOUBLE}constants: {{sum: 1}}\n",
         (6, 13, "'sum' is a function and cannot be the name of a leaf", "")),
        (f"{DOUBLE}constants: {{range: 1}}\n",
         (6, 13, "'range' has a fixed meaning and cannot be bound", "")),
        (f"{DOUBLE}constants: {{lambda: 1}}\n", (6, 13, "'lambda' cannot be a name", "")),
        (f"{DOUBLE}constants: {{__class__: 1}}\n",
         (6, 13, "'__class__': names that begin with '__' are Python's own", "")),
        (f'{DOUBLE}constants: {{"a\\e[1m": 1}}\n', (6, 13, "'a\ufffd[1m' cannot be a name", "")),
        (f"{DOUBLE}backward: {{zero_grad: yes}}\n",
         (6, 23, "expected true, found the text 'yes'", "")),
        (f"{DOUBLE}constants: {{m: [[true, false], [True, 1]]}}\n",
         (6, 18, "expected a number, found true",
          "write 1 for true and 0 for false; with them x[m != 0] picks entries")),
        (f"{DOUBLE}dtype: float16\n",
         (6, 8, "expected float64 or float32, found the text 'float16'",
          "did you mean 'float64'?")),
        (f"{DOUBLE}title: 5\n", (6, 8, "expected text, found the number 5", "put it in quotes")),
    ],
)  # fmt: skip
def test_complaints(text: str, expected: tuple[Any, ...]) -> None:
    """Each mistake is met where it stands, with what was expected and what to type."""
    found = problem(text)
    assert (found.line, found.column, found.message, found.hint) == expected


def test_independent_problems_come_together() -> None:
    """One reading finds what is wrong with keys, leaves and view alike."""
    text = (
        "format: 1\ninputs:\n  X: [[1, 2], [3]]\n  Y: two\nprogram: 5\nview: {zeros: 1}\nfoo: 1\n"
    )
    assert [(p.line, p.column) for p in problems(text)] == [
        (3, 15),
        (4, 6),
        (5, 10),
        (6, 15),
        (7, 1),
    ]


@pytest.mark.parametrize("constants", ["5", "{c: two}", "{c: [[1], [2, 3]]}"])
def test_broken_constants_are_not_unknown_names(constants: str) -> None:
    """What a broken leaf would have named is not complained about a second time."""
    text = f"format: 1\ninputs: {{X: 1}}\nconstants: {constants}\nprogram: Y = c * X\n"
    assert problem(text).line == 3


def test_a_broken_leaf_hides_no_mistake_of_the_program() -> None:
    """All that is wrong whatever its shape is stands beside it; nothing follows from it."""
    text = (
        "format: 1\ninputs: {W: [[1, 2], [3]], x: 1}\nprogram: |\n  y = W @ foo(x)\n  z = y + q\n"
    )
    assert [p.line for p in problems(text)] == [2, 4, 5]
    assert len(problems(text.replace("foo", "exp").replace("q", "x"))) == 1


def test_a_broken_pass_says_nothing_of_what_it_trains() -> None:
    """Nobody knows what it reaches; what is wrong with the update itself is told."""
    text = (
        "format: 1\ninputs: {w: [1, 2]}\nprogram: y = w * 2\n"
        "backward: {of: y, v: [1]}\nupdate: {rule: adam, momentum: 0.9}\n"
    )
    first, second = problems(text)
    assert "shape" in first.message
    assert "momentum" in second.message


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("title: He said: yes", "a colon"),
        ("notes: [{at: x.grad[0], text: hi}]", "brackets"),
        ("notes: [{at: y, text: of {x}}]", "brackets"),
        ("title: [a", ""),
    ],
)
def test_a_text_that_is_more_to_yaml_is_told_to_be_quoted(line: str, hint: str) -> None:
    """Whichever scanner stumbles over it; what is no such text gets no such advice."""
    found = problem(f"format: 1\n{line}\n")
    assert (hint in found.hint) is bool(hint or not found.hint)
    assert bool(found.hint) is bool(hint)


@pytest.mark.parametrize(
    "program",
    [
        "Y = X.__class__", "import os", "Y = (lambda: X)()", "Y = [x for x in X]", "Y = f'{X}'",
        "while X: Y = X", "class Y: pass", "Y = eval(X)", "Y = 9**10001", f"Y = {'9' * 401}",
        "Y = " + "(" * 65 + "X" + ")" * 65, "Y = __import__('os')",
        "for t in range(10 ** 12): Y = X",
    ],
)  # fmt: skip
def test_hostile_programs(program: str) -> None:
    """What a program may not do is refused in the file's own words."""
    assert all(
        p.line == 4 for p in problems(f"format: 1\ninputs: {{X: 1}}\nprogram: |\n  {program}\n")
    )


def test_too_many_elements_in_all_leaves() -> None:
    """Leaves are counted together before they are made."""
    leaves = "".join(f"  X{k}: {{shape: [10000000], fill: 0}}\n" for k in range(50))
    limits = DEFAULT_LIMITS.raised(total_elements=10**7)
    found = problems(f"format: 1\nprogram: Y = X0\ninputs:\n{leaves}", limits=limits)
    assert all("--limit total_elements=" in p.message for p in found[:-1])


def test_text_has_no_folder() -> None:
    """A text cannot reach for files unless it is told where."""
    text = "format: 1\ninputs: {X: {file: w.npy}}\nprogram: Y = X\n"
    assert "without a folder" in problem(text).message


def test_folder_of_a_text(tmp_path: Path) -> None:
    """With a folder it reads files beside it."""
    np.save(tmp_path / "w.npy", [1.0, 2.0])
    model = loads("format: 1\ninputs: {X: {file: w.npy}}\nprogram: Y = X\n", "t", tmp_path)
    np.testing.assert_array_equal(model.leaves["X"], [1, 2])


def test_a_million_bytes_of_numbers() -> None:
    """A file as large as the limit allows is read whole."""
    numbers = np.random.default_rng(0).standard_normal(48_000)
    text = f"format: 1\nprogram: Y = X\ninputs:\n  X: {numbers.tolist()}\n"
    assert 900_000 < len(text) < DEFAULT_LIMITS.file_bytes
    np.testing.assert_array_equal(loads(text).leaves["X"], numbers)


def test_a_flood_of_unknown_keys() -> None:
    """Ninety thousand mistakes are counted, not listed."""
    found = problems("".join(f"a{k}: 1\n" for k in range(90_000)))
    assert len(found) == 21
    assert "more problems" in found[-1].message


FRAGMENTS = st.sampled_from(
    [
        "format", "inputs", "program", "backward", "of", "v", "X", "Y", "2", ": ", "\n", "\n  ",
        "[", "]", "{", "}", ", ",
        "|", "*", "&a ", "'", '"', "- ", "notes", "at", "text", "1e999", "~",
        "shape", "fill", "random", "normal", "file", "../x", "expect", "values", "view", "\t", "\0",
        "é", "\u2028", "\ud800", "!!", "#", "@", "=", "Y = 2 * X", "zero_grad", "true", "%", "?",
    ]
)  # fmt: skip


@given(text=st.text(max_size=80) | st.lists(FRAGMENTS, max_size=40).map("".join))
def test_any_text(text: str) -> None:
    """Any text gives a Model or a ScenarioError."""
    _read(text)


@given(
    start=st.integers(0, 400),
    length=st.integers(0, 20),
    text=st.text(max_size=10) | st.lists(FRAGMENTS, max_size=4).map("".join),
)
def test_any_change(start: int, length: int, text: str) -> None:
    """A good scenario with a piece replaced gives a Model or a ScenarioError."""
    _read(WHOLE[:start] + text + WHOLE[start + length :])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=80), start=st.integers(0, 400))
def test_any_bytes(raw: bytes, start: int, tmp_path: Path) -> None:
    """Any bytes in a file give a Model or a ScenarioError."""
    path = tmp_path / "t.yaml"
    for content in (raw, WHOLE.encode()[:start] + raw):
        path.write_bytes(content)
        try:
            load(path)
        except ScenarioError as error:
            str(error)


def _read(text: str) -> None:
    try:
        loads(text)
    except ScenarioError as error:
        lines = text.encode("utf-8", "replace").decode().splitlines()
        for found in error.problems:
            assert 0 <= found.line <= max(1, len(lines))


WHOLE = """\
format: 1
title: {en: "Y = 2X", zh: "Y"}
inputs:
  X: [1, 2, 3]
  W: {shape: [3], random: normal, seed: 7, scale: 0.1}
constants: {c: 4, d: {shape: [3], fill: 1}}
program: |
  h = X * W + c
  h = tanh(h)
  Y = sum(h * d)
backward:
- {of: Y, v: 1}
- {zero_grad: true}
- {of: h@1, v: [1, 2, 3]}
expect:
  values: {c: 4}
notes:
  - at: X.grad[1]
    text: {en: "…", zh: "…"}
view: {zeros: show, subscripts: 1}
"""


def test_the_fuzzed_scenario_is_good() -> None:
    """What the fuzzing starts from can be read."""
    assert len(loads(WHOLE).passes) == 3


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize(
    ("text", "place", "caret"),
    [
        ("# {}\nformat: 1\nformt: 1\n", "t.yaml:3:1:", "formt: 1"),
        ("format: 1\ntitle: 'a{}b'\ninputs: {{X: 1}}\nprogram: Y = Q\n", "t.yaml:4:14:", "program"),
        ("# {} {}: [\n", "t.yaml:1:", "# "),
    ],
)
def test_what_ends_a_line_for_the_parser_only_moves_no_place(
    mark: str, text: str, place: str, caret: str
) -> None:
    """Lines are those that an editor shows; the offending one stands under the message."""
    said = message(text.format(mark, mark))
    assert place in said
    assert f"| {caret}" in said
