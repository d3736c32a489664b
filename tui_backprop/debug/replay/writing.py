"""A replay as text.

It stands apart from reading because recording writes line by line and never reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.debug.replay.script import Claim, Do, Mark, Say, Wait

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.debug.replay.script import Act, Line, Script, Text

TITLE: Final = "# tui-backprop replay"
FORMAT: Final = "1"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def write(script: Script) -> Iterator[str]:
    """The lines of its file, without their ends. Line numbers are not kept, comments neither."""
    yield from header(script.scenario, script.sha256)
    for line in script.lines:
        yield written(line)


def header(scenario: str, sha256: str) -> Iterator[str]:
    """What stands above the first command."""
    yield TITLE
    yield f"replay: {FORMAT}"
    yield f"scenario: {quoted_name(scenario)}"
    if sha256:
        yield f"sha256: {sha256}"
    yield ""


def quoted_name(scenario: str) -> str:
    """A name as it is, or quoted as JSON does where a line could not hold it as it is."""
    if scenario.isprintable() and scenario == scenario.strip() and not scenario.startswith('"'):
        return scenario
    from json import dumps  # noqa: PLC0415 - few names need it

    return dumps(scenario)


def written(line: Line) -> str:
    """One line."""
    return _act(line.act) if line.at is None else f"@{line.at:.3f} {_act(line.act)}"


def _act(act: Act) -> str:
    if isinstance(act, Do):
        return act.command
    if isinstance(act, Claim):
        return f"assert {act.expression}"
    if isinstance(act, Wait):
        return f"wait {act.seconds!r}"
    if isinstance(act, Say):
        return f"say {_quoted(act.text)}"
    if isinstance(act, Mark):
        return f"mark {_quoted(act.name)}"
    raise AssertionError("there is no other kind of line")


def _quoted(text: Text) -> str:
    parts = (f'{language} "{said.translate(_ESCAPES)}"' for language, said in text.items())
    return " ".join(part.strip() for part in parts)
