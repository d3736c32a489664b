"""Lines of the command language: every command, with arguments that fit, nearly fit, or do not."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from tests.debug.conditions.conditions import conditions
from tests.debug.conditions.test_any_text import KINDS, pieces
from tests.fuzz.changed import WILD, changed
from tui_backprop.debug.commands import COMMANDS, find_command
from tui_backprop.errors import CommandError

if TYPE_CHECKING:
    from tui_backprop.timeline.trace import Trace

FILES: Final = ("a", "b", "missing", ".", "missing/a", "two words", "中文", "a" * 300, "bad", "")
"""Beside which nothing is read or written: a test goes into a folder of its own."""

COMPARED: Final = (
    "before",
    "vector-double",
    "chain",
    "nothing-like-it",
    "bad",
    "a",
    "",
    "before x",
)

SILLY: Final = (
    "0", "-1", "1", "2", "3", "10", "999", "9" * 19, "1.5", "1e3", "x", "X", "last", "all", "total",
    "page 1", "page 99", "zero", "nan", "inf", "nan ignoring X", "inf ignoring #0", "plot", "show",
    "skip", "step", "op", "op sum", "op nothing", "node", "phase seed", "write", "partial", "claim",
    "claim 1", "seed ones", "seed onehot 0", "seed onehot 99", "v = [1, 2]", "v = 1", "v[0] = nan",
    "before", "if step > 2", "if", "= 3", "breakpoints", "displays", "help", "help help", "step x",
    "next 3", "direction reverse", "numbers 4", "break 1: step 2", "display: v", "🎉", "中文", "\t",
    "X.grad[0]", "X.grad[9]", "X.grad[-1]", "X.grad[0, 0]", "X@2", "#0", "#99", "v", "J", "J[0]",
)  # fmt: skip
"""What some command takes, given to any."""

FORMS: Final[dict[str, tuple[str, ...]]] = {
    "step": ("", "{n}"), "reverse-step": ("", "{n}"), "next": ("", "{n}"), "finish": ("", "{n}"),
    "reverse-next": ("", "{n}"), "reverse-finish": ("", "{n}"), "until": ("{c}",),
    "goto": ("{n}", "{name}", "{entry}", "#{n}", "claim", "seed", "end"),
    "break": ("", "{name}", "{name} if {c}", "if {c}", "step {n}", "write {entry}", "op {op}",
              "#{n}", "{name} partial", "phase seed", "seed"),
    "tbreak": ("", "{name}", "if {c}", "step {n}"),
    "watch": ("{name}", "{grad}", "norm(v)", "{entry} if {c}", "step"),
    "delete": ("", "{n}", "last", "1 2"), "enable": ("", "{n}", "last"), "disable": ("", "{n}"),
    "ignore": ("{n} {n}", "last {n}"), "condition": ("last {c}", "{n} {c}", "{n}"),
    "print": ("{c}", "{name}", "{grad}", "{x}", "v", "J"), "display": ("", "{name}", "{x}"),
    "undisplay": ("", "{n}"), "info": ("", "node {name}", "op {op}", "breakpoints", "{name}"),
    "J": ("", "total", "total {name}"),
    "why": ("", "{entry}", "zero {entry}", "zero", "{entry} page {n}", "{grad}"),
    "origin": ("nan", "inf", "nan ignoring {name}", "inf ignoring #{n}"),
    "health": ("", "{name}", "plot"), "zeros": ("", "show", "skip"),
    "set": ("{name} = {x}", "{name} = {name} * 2", "{name} = {grad}", "v = {x}", "v = v / 3",
            "seed ones", "seed onehot {n}", "{name}[0] = {x}", "{name} = nan", "v = inf",
            "#{n} = {name}", "{name} = 1e400", "{name} = [1, 2, 3]", "{name} = zeros(3)"),
    "restore": ("next {n}", "break {n}: {name}", "watch {n}: v", "display: {name}",
                "direction reverse", "tbreak {n} hits 2: step {n}", "break {n} if {c}"),
}  # fmt: skip
"""Arguments as they are meant; a command without an entry takes none."""


@st.composite
def lines(draw: st.DrawFn, trace: Trace) -> str:
    """One line for a session over this trace."""
    kind = draw(st.integers(0, 9))
    command = draw(st.sampled_from(COMMANDS))
    word = draw(st.sampled_from((command.name, command.name, *command.aliases)))
    if command.files:
        allowed = COMPARED if command.name == "compare" else FILES
        return f"{word} {draw(st.sampled_from(allowed))}"
    if kind < 6:
        return f"{word} {draw(_meant(trace, command.name))}".rstrip()
    if kind < 8:
        return f"{word} {draw(st.sampled_from(SILLY))}"
    if kind == 8:
        return f"{word} {draw(pieces)}"
    line = draw(changed(f"{word} {draw(_meant(trace, command.name))}", (*WILD, *KINDS)))
    return "" if is_outside(line) else line


@st.composite
def _meant(draw: st.DrawFn, trace: Trace, name: str) -> str:
    """An argument of a command, over what the graph has."""
    form = draw(st.sampled_from(FORMS.get(name, ("",))))
    named = [node for node in trace.graph.nodes if node.name]
    node = draw(st.sampled_from(named))
    places = ", ".join(str(draw(st.integers(0, max(size - 1, 0)))) for size in node.shape)
    entry = f"{node.name}.grad[{places}]" if places else f"{node.name}.grad"
    return form.format(
        n=draw(st.integers(0, 12)),
        name=node.name,
        grad=f"{node.name}.grad",
        entry=entry,
        op=draw(st.sampled_from(trace.graph.nodes)).op,
        c=draw(conditions(trace)) if "{c}" in form else "",
        x=draw(pieces) if "{x}" in form else "",
    )


def is_outside(line: str) -> bool:
    """Whether a line would read or write a file that nobody chose."""
    word, _, argument = line.strip().partition(" ")
    with suppress(CommandError):
        command = find_command(word, argument)
        return command.files and argument.strip() not in FILES
    return False
