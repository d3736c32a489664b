"""The ops that are written in the program language: their texts, in the files beside this one.

A definition stands below its comments, of which the first lines say what it does:

    # x where it lies between 0 and 6, else the nearer of the two
    # kink: 0 at 0 and at 6, as relu6 in PyTorch 2.13
    # x = [-1, 3, 8]
    # y = relu6(x)
    def relu6(x):
        return clip(x, 0, 6)

What it takes at a kink follows ``kink:`` where that is a choice. The last lines are an example: its
inputs, and a call. `compiled` compiles a definition when a program calls it.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FOLDER: Final = Path(__file__).parent
_BLOCK: Final = r"((?:^#.*\n)+)(^def (\w+)\(.*\n(?:^[ )].*\n|\n(?= ))+)"
_KINK: Final = "kink: "
_LEAF: Final = r"(\w+) = (\[.*\]|-?[\d.]+)"
_CALL: Final = r"y = .*"
REFUSED: Final = "refused"
"""What a definition calls to say that it cannot be done."""


@dataclass(frozen=True, slots=True)
class Definition:
    """An op that is composed of others.

    Attributes:
        name: the function's name in programs.
        text: its ``def``.
        summary: what it does, one line.
        convention: which value is taken at a kink, in words; empty where there is no choice.
        inputs: of the example, by name.
        example: a line of a program.
        family: the file that it stands in.
    """

    name: str
    text: str
    summary: str
    convention: str
    inputs: Mapping[str, Any]
    example: str
    family: str

    @property
    def refusals(self) -> list[str]:
        """What is told of calls that cannot be made."""
        return re.findall(rf"{REFUSED}\('([^']*)'\)", self.text)

    @property
    def signature(self) -> str:
        """``celu(x, alpha=1)``: the head of its ``def`` without the kinds of arguments."""
        function = ast.parse(self.text).body[0]
        if not isinstance(function, ast.FunctionDef):
            raise TypeError("a definition is a def")
        for argument in (*function.args.args, *function.args.kwonlyargs):
            argument.annotation = None
        return f"{self.name}({ast.unparse(function.args)})"


@cache
def definitions() -> Mapping[str, Definition]:
    """All of them by name, file by file in the order in which they stand there."""
    found = (d for path in sorted(_FOLDER.glob("*.txt")) for d in _read(path))
    return MappingProxyType({definition.name: definition for definition in found})


def _read(path: Path) -> Iterator[Definition]:
    text = path.read_text(encoding="utf-8")
    for comments, body, name in re.findall(_BLOCK, text, re.MULTILINE):
        lines = [line[2:] for line in comments.splitlines()]
        inputs = {m[1]: ast.literal_eval(m[2]) for m in _matches(_LEAF, lines)}
        example = "\n".join(m[0] for m in _matches(_CALL, lines))
        kinks = [line.removeprefix(_KINK) for line in lines if line.startswith(_KINK)]
        said = [
            line for line in lines
            if not re.fullmatch(f"{_KINK}.*|{_LEAF}|{_CALL}", line)
        ]  # fmt: skip
        yield Definition(
            name, body.rstrip() + "\n", " ".join(said), " ".join(kinks),
            MappingProxyType(inputs), example, path.stem,
        )  # fmt: skip


def _matches(pattern: str, lines: list[str]) -> Iterator[re.Match[str]]:
    return (found for line in lines if (found := re.fullmatch(pattern, line)))
