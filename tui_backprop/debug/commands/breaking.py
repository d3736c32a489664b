"""Commands that set, change, remove and list breakpoints and watchpoints."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.debug.commands.asked import (
    IF,
    Asked,
    asked_for,
    node_words,
    parted,
    understood,
)
from tui_backprop.debug.commands.command import (
    Command,
    brief,
    condition,
    expression,
    first_word,
    whole_number,
)
from tui_backprop.debug.stops import Stop, first_step, node_stop, write_stop
from tui_backprop.errors import CommandError
from tui_backprop.graph.file_names import place_of
from tui_backprop.language.message import Answer, AnswerLine, joined, said, said_in, typed

if TYPE_CHECKING:
    from tui_backprop.debug.breakpoints import Breakpoint
    from tui_backprop.debug.commands.command import Action
    from tui_backprop.debug.conditions.expression import Expression
    from tui_backprop.debug.session import Session
    from tui_backprop.graph.model import Graph, Node


_GROUP: Final = said("Stopping")
_MOST: Final = 100
"""Breakpoints and watchpoints: each is looked for at every step of a search."""


def _set(session: Session, argument: str, *, is_temporary: bool) -> str | Answer:
    from tui_backprop.debug.breakpoints import Breakpoint

    asked = asked_for(session, argument) if argument.strip() else _here(session)
    same = _same(session, asked)
    if same is not None and argument.strip():
        return said("{breakpoint}: is set already", breakpoint=same.label)
    if same is not None:
        session.breakpoints = tuple(b for b in session.breakpoints if b is not same)
        return said("{breakpoint}: removed", breakpoint=same.label)
    _check_reached(session, asked)
    _check_computed(session, asked.condition)
    check_room(session)
    made = Breakpoint(session.number(), asked.text, asked.place, asked.condition,
                      is_temporary=is_temporary)  # fmt: skip
    session.breakpoints = (*session.breakpoints, made)
    what, others = _confirmed(session, made), _other_bindings(session.trace.graph, made)
    return Answer((AnswerLine(what), AnswerLine(others))) if others else what


def _confirmed(session: Session, made: Breakpoint) -> str:
    """What was set, and where the walk first comes to it: its step, and the line of the program."""
    what = said("{breakpoint}: set", breakpoint=made.label)
    if made.is_temporary:
        what = said("{breakpoint}: set for one stop", breakpoint=made.label)
    if made.place is None:
        return what
    timeline = session.timeline
    k = first_step(made.place, timeline, timeline.steps)
    if k is None:
        return what
    node = timeline[k].node
    where = _written(session.trace.graph, node)
    if made.place == Stop(step=k):
        return said("{what}; {where}", what=what, where=where or node.label)
    if where:
        return said("{what}; first at step {k}, {where}", what=what, k=k, where=where)
    return said("{what}; first at step {k}", what=what, k=k)


def _other_bindings(graph: Graph, made: Breakpoint) -> str:
    """How to mean the other bindings of a name that was given alone; empty where there are none."""
    nodes = None if made.place is None else made.place.nodes
    for word in re.split(IF, made.text)[0].split():
        count = len([name for name in graph.names if name.rpartition("@")[0] == word])
        if count > 1 and nodes == frozenset({graph.names.get(word, -1)}):
            this, first, other = (f"{word}@{n}" for n in (count, 1, count - 1))
            if count == 2:
                return said("{name} is bound twice: this is {this}, the other is {first}",
                            name=word, this=this, first=first)  # fmt: skip
            return said("{name} is bound {count} times: this is {this}, the others are {first} to "
                        "{other}", name=word, count=count, this=this, first=first,
                        other=other)  # fmt: skip
    return ""


def _written(graph: Graph, node: Node) -> str:
    """The line of the program on which a node is written; empty for a leaf that stands in none."""
    if node.span is None:
        return ""
    number, lines = node.span.line, graph.program.split("\n")
    text = lines[number - 1].strip() if number <= len(lines) else node.text
    place = place_of(graph.program, graph.files, number) if len(graph.files) > 1 else ""
    if place:
        return joined(": ", [place, text])
    return said("line {line}: {what}", line=number, what=text)


def _here(session: Session) -> Asked:
    """The node of this step, in words that mean it when they are typed: many have no name."""
    node = session.frame.node
    return Asked(node_words(session, node), node_stop(node.id), None)


def _same(session: Session, asked: Asked) -> Breakpoint | None:
    """The breakpoint that was set already for the same place and condition."""
    for known in session.breakpoints:
        if known.watched is None and (known.place, known.condition) == (
            asked.place,
            asked.condition,
        ):
            return known
    return None


def _check_reached(session: Session, asked: Asked) -> None:
    """Refuse a place that this walk never comes to: waiting for it would be waiting for ever."""
    everywhere = session.timeline.steps
    if asked.place is not None and first_step(asked.place, session.timeline, everywhere) is None:
        raise CommandError(said("no step of this walk is at '{text}'", text=asked.text))


def _check_computed(session: Session, asked: Expression | None) -> None:
    """Refuse an expression of nothing but gradients that no step of this walk computes."""
    from tui_backprop.debug.conditions.references import GradOf

    read = () if asked is None else asked.references
    grads = [one for one in read if isinstance(one, GradOf)]
    if len(grads) < len(read) or not grads:
        return
    everywhere = session.timeline.steps
    for one in grads:
        if first_step(write_stop(one.node, None), session.timeline, everywhere) is not None:
            return
    raise CommandError(said("no step of this walk writes '{text}'", text=grads[0].text))


def check_room(session: Session) -> None:
    """Refuse one more breakpoint than the limit.

    Raises:
        CommandError: there are that many already.
    """
    if len(session.breakpoints) >= _MOST:
        raise CommandError(
            said("there are {most} breakpoints and watchpoints: delete some first", most=_MOST)
        )


def _watch(session: Session, argument: str) -> str:
    made = watched_for(session, argument, session.numbers + 1)
    for known in session.breakpoints:
        if (known.watched, known.condition) == (made.watched, made.condition):
            return said("{breakpoint}: is set already", breakpoint=known.label)
    _check_computed(session, made.watched)
    _check_computed(session, made.condition)
    check_room(session)
    session.number()
    session.breakpoints = (*session.breakpoints, made)
    return said("{breakpoint}: stops where its value changes", breakpoint=made.label)


def watched_for(session: Session, argument: str, number: int) -> Breakpoint:
    """``EXPR [if EXPR]`` as a watchpoint that is not set yet.

    Raises:
        CommandError: it is none; the message has its column where there is one.
    """
    from tui_backprop.debug.breakpoints import Breakpoint

    where, behind, offset = parted(argument)
    if not where.strip():
        raise CommandError(said("watch what? An expression, such as X.grad[0] or norm(v)"))
    watched = expression(session, where)
    if not watched.references:
        raise CommandError(
            said("'{text}' never changes: watch a name, such as X.grad[0]", text=watched.text)
        )
    when = None if behind is None else condition(session, behind, offset)
    return Breakpoint(number, " ".join(argument.split()), None, when, watched)


def find_breakpoint(session: Session, text: str) -> Breakpoint:
    """The breakpoint of a number, or the ``last`` one.

    Raises:
        CommandError: there is none.
    """
    known = {b.number: b for b in session.breakpoints}
    if not text:
        raise CommandError(said("which? The number of a breakpoint, as 'info b' lists them"))
    number = max(known, default=0) if text == "last" else whole_number(text)
    if number is None:
        raise CommandError(
            said(
                "expected the number of a breakpoint, as 'info b' lists them: {found}",
                found=typed(brief(text)),
            )
        )
    if number in known:
        return known[number]
    if not known:
        none = said("there is no breakpoint {number}; there are: none", number=text)
        raise CommandError(none)
    there = joined(", ", map(str, known))
    raise CommandError(
        said("there is no breakpoint {number}; there are: {there}", number=number, there=there)
    )


def _exchange(session: Session, old: Breakpoint, new: Breakpoint) -> None:
    session.breakpoints = tuple(new if b is old else b for b in session.breakpoints)


def _delete(session: Session, argument: str) -> str:
    if not argument.strip():
        count = len(session.breakpoints)
        session.breakpoints = ()
        return said("{count} breakpoints and watchpoints removed", count=count)
    gone = [find_breakpoint(session, word) for word in argument.split()]
    session.breakpoints = tuple(b for b in session.breakpoints if b not in gone)
    return joined("; ", [said("{breakpoint}: removed", breakpoint=b.label) for b in gone])


def _switched(*, is_enabled: bool) -> Action:
    def switched(one: Breakpoint) -> str:
        if is_enabled:
            return said("{breakpoint}: enabled", breakpoint=one.label)
        return said("{breakpoint}: disabled", breakpoint=one.label)

    def run(session: Session, argument: str) -> str:
        words = argument.split()
        chosen = [find_breakpoint(session, w) for w in words] if words else session.breakpoints
        for one in chosen:
            _exchange(session, one, replace(one, is_enabled=is_enabled))
        if not chosen:
            return said("there are no breakpoints")
        return joined("; ", [switched(b) for b in chosen])

    return run


def _ignore(session: Session, argument: str) -> str:
    number, rest = first_word(argument)
    old = find_breakpoint(session, number)
    if not rest.isdecimal() or len(rest) > 18:
        raise CommandError(
            said("expected how often, a whole number from 0: {found}", found=typed(rest))
        )
    new = replace(old, ignore=int(rest))
    _exchange(session, old, new)
    return said(
        "{breakpoint}: passed by {count} more times", breakpoint=new.label, count=new.ignore
    )


def _condition(session: Session, argument: str) -> str:
    number, rest = first_word(argument)
    old = find_breakpoint(session, number)
    bare = re.split(IF, old.text)[0].strip()
    if not rest:
        if old.place is None and old.watched is None:
            raise CommandError(said("it has nothing but its condition: delete it instead"))
        new = replace(old, condition=None, text=bare)
    else:
        when = condition(session, rest, len(argument.rstrip()) - len(rest))
        _check_computed(session, when)
        new = replace(old, condition=when, text=f"{bare} if {when.text}".strip())
    _exchange(session, old, new)
    return said("{breakpoint}: set", breakpoint=new.label)


def breakpoints_listed(session: Session) -> Answer:
    """Each with its counts; choosing one goes to the next step at which its place is."""
    lines = [_line(b, session) for b in session.breakpoints]
    return Answer(tuple(lines) or (AnswerLine(said("no breakpoints and no watchpoints")),))


def _line(b: Breakpoint, session: Session) -> AnswerLine:
    kind = said("breakpoint") if b.watched is None else said("watchpoint")
    words = [joined("  ", [str(b.number), kind, b.text]), said("hits {count}", count=b.hits)]
    words += [said("ignore {count}", count=b.ignore)] * bool(b.ignore)
    words += [said("disabled")] * (not b.is_enabled) + [said("temporary")] * b.is_temporary
    k = None
    if b.place is not None:
        k = first_step(b.place, session.timeline, session.timeline.steps)
    return AnswerLine(joined("  ", words), k)


_WHERE: Final = said("[WHERE] [if EXPR]")
_DETAILS: Final = said("""\
WHERE is any of: a node, op NAME, build, seed, partial, zero_grad, update, write X.grad[I],
step K, line N.
A number alone is a step; :12 is a line of the program, train.py:31 one of a file, as an editor
counts them; of a program of yours there is also layer encoder.0.
Several of them mean the steps that are all of it. Nothing at all means the node of this step.
With a place it stops there each time EXPR holds; EXPR alone stops where it becomes true.
A condition that cannot be computed stops too, and says why.
  break h                          where the walk arrives at h: built, seeded, pulled through
  break op softmax partial         where a softmax is about to be pulled back through
  break :3                         where the walk arrives at what line 3 computes
  break write X.grad[1]            each step that writes this entry
  break if not all(isfinite(v))    the first step at which v has a NaN or an infinity""")
EXPRESSIONS: Final = said("""\
EXPR is written as in programs, over the state at a step: node values by name, X.grad, h@2,
v, J, step, op == "relu", phase == "partial", node == "h", joined by and, or, not; with norm, abs,
any, all, isnan, isinf, isfinite, min, max, count_nonzero and every other op. X.value is the value
of a node whose name means something else here; a node called a.grad comes before the gradient of
a, which is #3.grad by its number. What is not computed yet is no answer: neither 0 nor an error.\
""")

_STOPPING: Final = joined("\n", [_DETAILS, EXPRESSIONS])

BREAKING: Final[tuple[Command, ...]] = (
    Command("break",
            said("Stop at a node, an op, a line, a write or a step, or where EXPR turns true."),
            partial(_set, is_temporary=False), ("b",), _WHERE,
            said_in("a key", "break"), ("b",), _GROUP,
            _STOPPING),
    Command("tbreak", said("The same, once."),
            partial(_set, is_temporary=True), (), _WHERE, "", (), _GROUP, _STOPPING),
    Command("watch", said("Stop where the value of an expression changes."),
            _watch, ("w",), said("EXPR [if EXPR]"), "", ("w",), _GROUP, EXPRESSIONS),
    Command("delete", said("Remove breakpoints by their numbers, or all."),
            _delete, (), said("[N ...]"), "", ("d",), _GROUP),
    Command("enable", said("Look at breakpoints again."),
            _switched(is_enabled=True), (), said("[N ...]"), "", (), _GROUP),
    Command("disable", said("Pass breakpoints by until they are enabled again."),
            _switched(is_enabled=False), (), said("[N ...]"), "", (), _GROUP),
    Command("ignore", said("Pass a breakpoint by so many times."),
            _ignore, (), said("N COUNT"), "", (), _GROUP),
    Command("condition", said("Stop at a breakpoint only where EXPR holds; without EXPR, always."),
            _condition, (), said("N [EXPR]"), "", (), _GROUP, EXPRESSIONS),
)  # fmt: skip


NO_BREAKPOINT: Final = said("this sets no breakpoint and changes none")


@dataclass(frozen=True, slots=True, eq=False)
class _Numberless:
    """A session's graph and names without numbers; it is its own trace."""

    graph: Graph

    @property
    def trace(self) -> _Numberless:
        return self


def check_command(line: str) -> None:
    """Refuse a command that sets no breakpoint.

    Raises:
        CommandError: it is none.
    """
    words = {word for command in BREAKING for word in (command.name, *command.aliases)}
    if line.partition(" ")[0] not in words:
        raise CommandError(NO_BREAKPOINT)


def check_beforehand(graph: Graph, line: str) -> None:
    """Refuse a line that no numbers could make right.

    Raises:
        CommandError: carrying it out would raise it too.
    """
    check_command(line)
    word, argument = first_word(line)
    name = next(c.name for c in BREAKING if word in (c.name, *c.aliases))
    known = cast("Session", _Numberless(graph))
    if name == "watch":
        watched_for(known, argument, 1)
    elif (
        name in {"break", "tbreak"}
        and argument
        and "step" not in understood(parted(argument)[0].split())
    ):
        asked_for(known, argument)
