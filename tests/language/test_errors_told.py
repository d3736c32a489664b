"""Errors that were raised with a sentence are told in another language, wherever they are shown."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui_backprop
from tui_backprop.errors import CommandError, TuiBackpropError, UnknownError, shortened
from tui_backprop.language.catalogue import language_of
from tui_backprop.language.message import Said, changed, joined, one_of, said, said_many

if TYPE_CHECKING:
    from collections.abc import Iterator

CHINESE: Final = language_of("zh")
ROOT: Final = Path(tui_backprop.__file__).parent
texts = st.text(max_size=20)


def _nothing_of(text: str) -> str:
    return said("there is no '{name}'; did you mean '{guess}'?", name=text, guess="X")


def _chinese(text: str) -> str:
    return f"没有 “{text}”；是不是 “X”？"


@given(texts)
def test_an_error_keeps_its_sentence(text: str) -> None:
    """`str` of it is the sentence in English, and can be told."""
    for kind in (CommandError, UnknownError, TuiBackpropError):
        error = kind(_nothing_of(text))
        assert str(error) == f"there is no '{text}'; did you mean 'X'?"
        assert CHINESE.retold(str(error)) == _chinese(text)


@given(texts, st.integers(0, 9), st.integers(0, 9))
def test_it_is_told_wherever_it_comes_to_stand(text: str, column: int, offset: int) -> None:
    """Moved, raised again from another error, inside another sentence, and in a row."""
    moved = CommandError(_nothing_of(text), column).moved(offset)
    again = CommandError(str(moved), moved.column)
    inside = CommandError(said("line {line}: {what}", line=3, what=str(again)))
    row = CommandError(joined("; ", [str(again), str(inside)]))
    assert again.told(CHINESE.retold).args == (_chinese(text),)
    assert again.told(CHINESE.retold).column == column + offset
    assert CHINESE.retold(str(inside)) == f"第 3 行：{_chinese(text)}"
    assert CHINESE.retold(str(row)) == f"{_chinese(text)}；第 3 行：{_chinese(text)}"


@given(st.text(min_size=600, max_size=1500))
def test_what_is_shortened_is_told_and_shortened_there_too(text: str) -> None:
    """Of a long line the middle is left out in each language."""
    error = CommandError(_nothing_of(text))
    assert str(error) == shortened(f"there is no '{text}'; did you mean 'X'?")
    assert str(error.told(CHINESE.retold)) == shortened(_chinese(text))


@given(texts)
def test_a_sentence_whose_names_are_exchanged_is_one_still(text: str) -> None:
    """The reader of expressions puts a person's own names in place of its own."""
    sentence = joined("; ", [_nothing_of("standin"), "standin"])
    found = changed(sentence, lambda part: part.replace("standin", f"X{text}"))
    assert found == f"there is no 'X{text}'; did you mean 'X'?; X{text}"
    assert CHINESE.retold(found) == f"{_chinese(f'X{text}')}；X{text}"
    assert not isinstance(changed("standin", str.upper), Said)


def test_names_to_choose_from() -> None:
    """Each quoted, with a word between them."""
    assert one_of(["a", "b", "c"]) == "'a' or 'b' or 'c'"
    assert CHINESE.retold(one_of(["a", "b"])) == "“a” 或 “b”"


TOLD: Final = {"said", "said_many", "joined", "clauses", "changed"}
"""What makes a sentence."""
ELSEWHERE: Final = {"failed", "refusal"}
"""Methods of other files that give sentences: what the screen says of an error, what a walk
through somebody else's program does not tell."""
ERRORS: Final = {"CommandError", "ArgumentError", "ShapeError", "UnknownError", "LimitError"}
PLACES: Final = (
    "debug", "tui", "timeline", "program", "graph", "rules", "progress.py", "limits.py", "files.py",
)  # fmt: skip


def _raised(path: Path) -> Iterator[tuple[str, ast.expr, ast.Module]]:
    """Every error of these kinds that a file makes: where, and what it is made with."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS:
            yield f"{path.relative_to(ROOT)}:{node.lineno}", node.args[0], tree


def _is_told(made: ast.expr, tree: ast.Module) -> bool:
    """Whether it is a sentence: made here, what another error says, or a name for one."""
    if isinstance(made, ast.IfExp):
        return _is_told(made.body, tree) and _is_told(made.orelse, tree)
    if isinstance(made, ast.Call):
        name = getattr(made.func, "attr", getattr(made.func, "id", ""))
        return name in TOLD | ELSEWHERE or _is_text_of_error(made) or _says(name, tree)
    return isinstance(made, ast.Name) and _is_name_of_told(made.id, tree)


def _is_text_of_error(made: ast.Call) -> bool:
    return ast.unparse(made) == "str(error)"


def _says(name: str, tree: ast.Module) -> bool:
    """Whether a function of the file returns nothing but sentences."""
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == name]
    returned = [n.value for f in functions for n in ast.walk(f) if isinstance(n, ast.Return)]
    return bool(returned) and all(x is not None and _is_told(x, tree) for x in returned)


def _is_name_of_told(name: str, tree: ast.Module) -> bool:
    values = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == name and node.value is not None
    ]
    return bool(values) and all(_is_told(value, tree) for value in values)


def _files() -> list[Path]:
    found = [ROOT / place for place in PLACES]
    return sorted(f for p in found for f in ([p] if p.is_file() else p.rglob("*.py")))


def test_no_error_of_a_command_is_raised_with_bare_text() -> None:
    """Nobody could translate it: `said` makes a sentence of it."""
    met = [item for path in _files() for item in _raised(path)]
    assert len(met) > 100
    assert [where for where, made, tree in met if not _is_told(made, tree)] == []


@pytest.mark.parametrize(
    "code",
    [
        "CommandError('no')",
        "CommandError(f'no {x}')",
        "a = 'no'\nCommandError(a)",
        "CommandError('; '.join([said('x')]))",
        "CommandError(said('x') if y else 'no')",
        "def f():\n    return 'no'\nCommandError(f())",
    ],
)
def test_bare_text_is_found(code: str) -> None:
    """The law above can fail."""
    tree = ast.parse(code)
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    made = next(n for n in calls if ast.unparse(n.func) == "CommandError")
    assert not _is_told(made.args[0], tree)


def test_a_sentence_goes_to_another_process_whole() -> None:
    """Its text, its form and its fields, sentences among them."""
    inner = said("v of {node} was not kept", node="h")
    sentence = said_many(3, "{count} entry is NaN", "{count} entries are NaN")
    for one in (inner, sentence, joined("; ", [inner, sentence])):
        found = pickle.loads(pickle.dumps(one))  # noqa: S301 - what was just written
        assert str(found) == str(one)
        assert language_of("zh").retold(found) == language_of("zh").retold(one) != str(one)


def test_no_list_in_a_sentence_has_the_comma_of_english() -> None:
    """`joined` leaves it to the language; code that is quoted has the commas of code."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _files()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"said", "say"}
        for argument in node.keywords
        if argument.arg != "code" and ast.unparse(argument.value).startswith("', '.join(")
    ]
    assert found == []
