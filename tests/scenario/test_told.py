"""What is said of faulty files: all of it sentences, and each of them in Chinese."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest
import yaml
import yaml.parser
import yaml.scanner
from hypothesis import given

import tui_backprop
from tests.fuzz.scenarios import near_documents
from tests.marks import together
from tests.scenario.faulty import TEXTS, messages_of, stray, with_key, with_leaf
from tui_backprop.errors import ScenarioError
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import Said
from tui_backprop.limits import DEFAULT_LIMITS, Limits
from tui_backprop.scenario.compose import SCANNERS, compose
from tui_backprop.scenario.load import load, loads
from tui_backprop.scenario.report import Report
from tui_backprop.scenario.yaml_syntax import CONTEXTS, PROBLEMS, told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tui_backprop.errors import Problem

CHINESE: Final = language_of("zh")
PACKAGE: Final = Path(tui_backprop.__file__).parent

LIMITED: Final = (
    (with_key("backward: [{of: Y}, {of: Y}]"), {"instructions": 2}),
    (with_key("update: {rule: sgd, steps: 9}"), {"instructions": 20}),
    (with_leaf("{shape: [1, 1], fill: 1}"), {"axes": 1}),
    (with_leaf("[1, 2, 3]"), {"elements": 2}),
    (with_leaf("[1, 2, 3]"), {"total_elements": 2}),
    (with_leaf("[1, 2, 3]"), {"file_bytes": 9}),
    (with_leaf("[1, 2, 3]"), {"nodes": 1}),
    (with_leaf("[1, 2, 3]"), {"multiplications": 1}),
)
"""Files that are faulty where limits are low."""


def _problems(
    text: str, limits: Limits = DEFAULT_LIMITS, folder: Path | None = None
) -> tuple[Problem, ...]:
    try:
        loads(text, "t.yaml", folder, limits)
    except ScenarioError as error:
        return error.problems
    return ()


def _complaints(text: str) -> tuple[Problem, ...]:
    """What each scanner and the reader complain of."""
    reports = [Report("t.yaml", text) for _ in SCANNERS]
    for report, scanner in zip(reports, SCANNERS, strict=True):
        compose(text, report, scanner)
    return tuple(p for r in reports if not r.is_clean for p in r.error().problems) + _problems(text)


def _sentences(problems: Iterable[Problem]) -> Iterator[str]:
    for problem in problems:
        yield from filter(None, (problem.message, problem.hint))


def _assert_told(problems: Iterable[Problem], source: str) -> None:
    for sentence in _sentences(problems):
        assert isinstance(sentence, Said), sentence
        assert stray(CHINESE.retold(sentence), source) == [], CHINESE.retold(sentence)


@pytest.mark.few(6)
@together("text", TEXTS)
def test_what_is_wrong_is_told_in_chinese(text: str) -> None:
    """No English is in it but what is quoted, and names."""
    found = _complaints(text)
    assert found
    _assert_told(found, text)


@pytest.mark.parametrize(("text", "low"), LIMITED)
def test_what_is_too_large_is_told_in_chinese(text: str, low: Mapping[str, int]) -> None:
    """What is counted has a name in each language."""
    found = _problems(text, DEFAULT_LIMITS.raised(**low))
    assert found
    _assert_told(found, text)


@given(near_documents())
def test_all_that_is_said_of_any_text_are_sentences(text: str) -> None:
    """Whatever is wrong."""
    assert all(isinstance(sentence, Said) for sentence in _sentences(_problems(text)))


def test_the_whole_block_is_told() -> None:
    """Place, line and caret stay as they are."""
    with pytest.raises(ScenarioError) as caught:
        loads("format: 1\nInputs: {X: 1}\nprogram: Y = ReLU(X)\n", "t.yaml")
    assert CHINESE.retold(str(caught.value)).splitlines() == [
        "t.yaml:1:1：缺少键 “inputs”",
        "    1 | format: 1",
        "      | ^",
        "t.yaml:2:1：未知的键 “Inputs”",
        "    2 | Inputs: {X: 1}",
        "      | ^^^^^^ 是不是 “inputs”？",
    ]


ELSEWHERE: Final = {
    "array_files.py": "files with arrays, below and in test_array_files.py",
    "files.py": "test_files.py",
    "lessons.py": "the names of the lessons, in test_learn.py",
    "new.py": "the file that a newcomer gets",
    "yaml_syntax.py": "the words of two scanners, below",
}
NEVER: Final = {
    "a number, a list of numbers, or a mapping with {keys}",
    "there are: {names}",
    "In {language}.",
    "tui-backprop scenario, format 1",
}
"""What reading a leaf says only where it is told no form of it, of archives, and in the schema."""


def test_every_message_of_the_reader_is_met() -> None:
    """By one of the faulty files."""
    met = {m for text in TEXTS for s in _sentences(_complaints(text)) for m in messages_of(s)}
    for text, low in LIMITED:
        found = _problems(text, DEFAULT_LIMITS.raised(**low))
        met.update(m for s in _sentences(found) for m in messages_of(s))
    files = [p for p in (PACKAGE / "scenario").glob("*.py") if p.name not in ELSEWHERE]
    said = {
        str(_first(call)) for path in files for call in _calls(path, {"said": 0, "said_many": 1})
    }
    assert said - met - NEVER == set()


# Every place that makes such an error


SPOKEN: Final[Mapping[str, tuple[int, ...]]] = {
    "at": (1, 2), "span": (1, 2), "whole": (0, 1), "unknown": (0,), "exceeds": (3,),
    "expected": (0, 3), "Problem": (0, 4), "StoredError": (0, 1), "_LineError": (0, 2),
    "_refuse": (1, 2), "ProblemError": (1, 2), "nearest": (2,), "String": (0,), "Words": (0,),
    "ListOf": (1,), "MapOf": (1,), "Either": (0,), "check": (2,), "add": (0, 3),
    "problem": (1, 2), "keep": (0,), "_wrong": (2, 3),
    "ArgumentError": (0,), "LimitError": (0,), "ShapeError": (0,), "CommandError": (0,),
    "TuiBackpropError": (0,), "FileError": (1,),
}  # fmt: skip
"""Callable → the arguments of it that are sentences; a RuleError is for who writes an op."""

PLACES: Final = (
    "scenario", "program", "debug/replay", "graph", "rules", "replays.py", "api.py", "limits.py",
    "files.py",
)  # fmt: skip


def _calls(path: Path, names: Iterable[str]) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            function = node.func
            name = getattr(function, "attr", getattr(function, "id", ""))
            if name in names:
                yield node


def _first(call: ast.Call) -> object:
    at = 1 if getattr(call.func, "id", "") == "said_many" else 0
    argument = call.args[at]
    return argument.value if isinstance(argument, ast.Constant) else ""


def _plain(node: ast.expr) -> Iterator[str]:
    """The parts of an argument that are English and no sentence."""
    if isinstance(node, ast.JoinedStr):
        yield ast.unparse(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        if re.search("[a-z]{2}", node.value):
            yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*_plain(node.body), *_plain(node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from (part for value in node.values for part in _plain(value))
    elif isinstance(node, ast.BinOp):
        yield from (*_plain(node.left), *_plain(node.right))


def _assigned(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names and what they are given."""
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        for target in targets:
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            assert node.value is not None
            if isinstance(target, ast.Name):
                yield target.id, node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=False)
                yield from ((t.id, v) for t, v in pairs if isinstance(t, ast.Name))


def _english_of(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    scopes: list[ast.AST] = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    for scope in [*scopes, tree]:
        given_names = list(_assigned(scope))
        for node in ast.walk(scope):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            spoken = [node.args[k] for k in SPOKEN.get(name, ()) if k < len(node.args)]
            spoken += [k.value for k in node.keywords if name in SPOKEN and k.arg == "hint"]
            for argument in spoken:
                parts = list(_plain(argument))
                if isinstance(argument, ast.Name) and scope is not tree:
                    values = [v for n, v in given_names if n == argument.id]
                    parts += [part for value in values for part in _plain(value)]
                yield from (f"{path.name}:{node.lineno}: {part}" for part in parts)


@pytest.mark.exhaustive
def test_no_place_makes_an_error_that_is_no_sentence() -> None:
    """In files, programs, replays and ops: no text, and none put together, where one is said."""
    folders = [PACKAGE / place for place in PLACES]
    paths = [p for f in folders for p in (f.rglob("*.py") if f.is_dir() else [f])]
    met = sum(1 for path in paths for _ in _calls(path, SPOKEN))
    assert met > 400
    assert sorted({line for path in paths for line in _english_of(path)}) == []


# Of other hands


def _python_words() -> Iterator[str]:
    """What PyYAML's own scanner and parser may say, with something in each blank."""
    for path in (yaml.scanner.__file__, yaml.parser.__file__):
        for call in _calls(Path(path or ""), {"ScannerError", "ParserError"}):
            for argument in (call.args[0], call.args[2]):
                value = argument.left if isinstance(argument, ast.BinOp) else argument
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    text = value.value.replace("%r", "'?'").replace("%d", "8")
                    kinds = ("tag", "directive") if text.endswith("a %s") else ("block", "flow")
                    kinds = ("alias", "anchor") if text.endswith("an %s") else kinds
                    yield from (text.replace("%s", kind) for kind in kinds)


def _libyaml_words() -> Iterator[str]:
    """What libyaml may say, as far as it is part of PyYAML's own library."""
    library = getattr(getattr(yaml, "_yaml", None), "__file__", None)
    if library is None:
        return
    for raw in re.findall(rb"\0([ -~]{8,})(?=\0)", Path(library).read_bytes()):
        text = raw.decode()
        if re.match(
            r"(did not find|could not find) \S+ ?|while (scanning|parsing) |found (un|a|c)", text
        ):
            yield text


@together("words", sorted({*_python_words(), *_libyaml_words()}), most=50)
def test_the_words_of_each_scanner_are_known(words: str) -> None:
    """Each as a sentence, the same in English, and told in Chinese."""
    found = told(words, CONTEXTS if words.startswith("while") else PROBLEMS)
    assert isinstance(found, Said), words
    assert found == words
    assert stray(CHINESE.retold(found)) == []


def test_words_that_nobody_knows_are_quoted() -> None:
    """Of a scanner to come."""
    assert told("found a unicorn", PROBLEMS) == "'found a unicorn'"


def _arrays(folder: Path) -> None:
    np.save(folder / "one.npy", np.ones(3))
    np.savez(folder / "two.npz", a=np.ones(3), b=np.ones(3))
    np.save(folder / "complex.npy", np.ones(3, complex))
    np.save(folder / "objects.npy", np.array([None, "a"]), allow_pickle=True)
    (folder / "empty.npy").write_bytes(b"")
    (folder / "junk.npy").write_bytes(b"no array at all, and more")
    (folder / "junk.npz").write_bytes(b"no archive")
    (folder / "cut.npy").write_bytes((folder / "one.npy").read_bytes()[:-8])
    (folder / "text.txt").write_text("1 2 3")
    (folder / "folder.npy").mkdir()


@pytest.mark.parametrize(
    "leaf",
    [
        "{file: nosuch.npy}", "{file: one.npy, key: a}", "{file: two.npz}",
        "{file: two.npz, key: c}",
        "{file: complex.npy}", "{file: objects.npy}", "{file: empty.npy}", "{file: junk.npy}",
        "{file: junk.npz}", "{file: cut.npy}", "{file: text.txt}", "{file: folder.npy}",
        "{file: ../one.npy}", "{file: one.npy}\n  Z: {file: a/b.npy}",
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_of_arrays_is_told(leaf: str, tmp_path: Path) -> None:
    """What other libraries say of it is quoted."""
    _arrays(tmp_path)
    found = _problems(with_leaf(leaf), folder=tmp_path)
    assert found
    _assert_told(found, f"{leaf} {tmp_path} object complex128")


@pytest.mark.parametrize(
    "raw", [b"\xff\xfea\0", b"a\0b", b"a: \xff\n", b"format: 1\n" * 200_000, None]
)
def test_what_is_wrong_with_the_bytes_is_told(raw: bytes | None, tmp_path: Path) -> None:
    """Before there is a text."""
    path = tmp_path / "t.yaml"
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(ScenarioError) as caught:
        load(path)
    _assert_told(caught.value.problems, f"{tmp_path} xff")
