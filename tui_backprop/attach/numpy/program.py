"""The text of a program that does what was recorded, as near to the user's own lines as it gets.

What the result does not depend on is left out. A value that is used once, on the line where it was
made, stands inside the expression that uses it; any other gets the name that the user gave it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING, Final

from tui_backprop.attach.numpy.record import Entry
from tui_backprop.attach.parameters import allowed_name
from tui_backprop.dataclass import dataclass
from tui_backprop.rules import RULES
from tui_backprop.rules.text import Binding, application, binding, key_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_MOST_WITHIN: Final = 12
"""Ops that one expression holds."""


@dataclass(frozen=True, slots=True, eq=False)
class ProgramText:
    """A program, and what its names stand for.

    Attributes:
        text: one assignment on each line.
        inputs: the differentiable leaves by name, in order.
        constants: the other leaves by name, those that are used.
        of: the name of the result.
        lines: the value that each line binds, its name, and how often that was bound by then.
    """

    text: str
    inputs: Mapping[str, Entry]
    constants: Mapping[str, Entry]
    of: str
    lines: Sequence[tuple[str, int, Entry]]


def program_of(
    inputs: Sequence[Entry], constants: Sequence[Entry], result: Entry, name: str
) -> ProgramText:
    """The program of a result.

    Args:
        inputs: the differentiable leaves, in order.
        constants: the arrays that were met.
        result: what the function returned.
        name: what the result is called where the user gives it no name.
    """
    needed = _needed(result)
    writer = _Writer(needed, result)
    for leaf in inputs:
        writer.name_leaf(leaf)
    used = [leaf for leaf in constants if leaf in needed]
    for leaf in used:
        writer.name_leaf(leaf)
    of = writer.write(allowed_name(name) or "y")
    return ProgramText(
        "".join(f"{line}\n" for line in writer.text),
        {writer.names[leaf]: leaf for leaf in inputs},
        {writer.names[leaf]: leaf for leaf in used},
        of,
        writer.lines,
    )


def _needed(result: Entry) -> set[Entry]:
    """What a result is made of, itself among it."""
    found, todo = {result}, [result]
    while todo:
        for operand in todo.pop().reads:
            if operand not in found:
                found.add(operand)
                todo.append(operand)
    return found


@dataclass(slots=True, eq=False)
class _Statement:
    """A value that has a name, with the named values that its expression reads."""

    entry: Entry
    reads: set[Entry] = field(default_factory=set)


class _Writer:
    """Names and lines, made one after the other.

    Attributes:
        names: of what has one so far.
        lines: see `ProgramText`.
        text: the lines so far.
    """

    def __init__(self, needed: Iterable[Entry], result: Entry) -> None:
        self.names: dict[Entry, str] = {}
        self.lines: list[tuple[str, int, Entry]] = []
        self.text: list[str] = []
        self._result = result
        self._ops = sorted((e for e in needed if e.kind == "op"), key=lambda e: e.number)
        self._within = self._find_within()
        self._statements = [self._statement(e) for e in self._ops if e not in self._within]
        self._bound: dict[str, Entry] = {}
        self._times: Counter[str] = Counter()
        self._numbered: Counter[str] = Counter()
        self._last_read = {
            read: number for number, s in enumerate(self._statements) for read in s.reads
        }

    def name_leaf(self, leaf: Entry) -> None:
        """A leaf's name stays its own to the end."""
        wanted = allowed_name(leaf.wanted)
        if wanted in RULES:
            wanted += "_"
        self._name(leaf, wanted, "c" if leaf.kind == "constant" else "x", 0)
        self._last_read[leaf] = len(self._statements) + 1

    def write(self, name: str) -> str:
        """All lines; returns the name of the result."""
        self._last_read[self._result] = len(self._statements) + 1
        for number, statement in enumerate(self._statements):
            entry = statement.entry
            text = self._text(entry)
            wanted = allowed_name(entry.wanted) or (name if entry is self._result else "")
            bound = self._name(entry, wanted, "t", number)
            self._times[bound] += 1
            self.text.append(f"{bound} = {text}")
            self.lines.append((bound, self._times[bound], entry))
        if self._result.kind == "op":
            return self.names[self._result]
        of = self._free(name, "y", len(self._statements))
        self.text.append(f"{of} = {self.names[self._result]}")
        return of

    def _find_within(self) -> set[Entry]:
        """The values that stand inside the expression of their only reader."""
        uses = Counter(read for e in self._ops for read in e.reads)
        size: dict[Entry, int] = {}
        within: set[Entry] = set()
        for entry in self._ops:
            parts = [read for read in entry.reads if read.kind == "op"]
            fits = [o for o in parts if uses[o] == 1 and not o.wanted and _is_near(o, entry)]
            total = 1
            for part in fits:
                if total + size[part] <= _MOST_WITHIN:
                    total += size[part]
                    within.add(part)
            size[entry] = total
        return within

    def _statement(self, entry: Entry) -> _Statement:
        reads: set[Entry] = set()
        todo = [entry]
        while todo:
            for read in todo.pop().reads:
                if read in self._within:
                    todo.append(read)
                else:
                    reads.add(read)
        return _Statement(entry, reads)

    def _text(self, entry: Entry) -> str:
        """An expression; those within it nest to a stated depth only."""
        if entry in self.names:
            return self.names[entry]
        rule = entry.rule
        if rule is None:
            raise AssertionError("a leaf has a name")
        parts = [self._text(o) if isinstance(o, Entry) else _number(o) for o in entry.operands]
        if not any(entry.key):
            return application(rule, parts, entry.params)
        array = f"({parts[0]})" if binding(parts[0]) < Binding.ATOM else parts[0]
        written = zip(entry.key, entry.params["key"], strict=True)
        keys = (
            key_text((part,)) if named is None else self._text(named) for named, part in written
        )
        return f"{array}[{', '.join(keys)}]"

    def _name(self, entry: Entry, wanted: str, otherwise: str, number: int) -> str:
        name = self.names[entry] = self._free(wanted, otherwise, number)
        self._bound[name] = entry
        return name

    def _free(self, wanted: str, otherwise: str, number: int) -> str:
        """The wanted name, if nobody needs it any more; else the next one with a number.

        Args:
            wanted: what the user calls a value; empty where it has no name.
            otherwise: the letter that such values are called, each with a number of its own.
            number: of the statement that binds it.
        """
        if wanted and not self._is_needed(wanted, number):
            return wanted
        stem = f"{wanted}_" if wanted else otherwise
        count = 2 if wanted else self._numbered[otherwise] + 1
        while f"{stem}{count}" in self._bound:
            count += 1
        if not wanted:
            self._numbered[otherwise] = count
        return f"{stem}{count}"

    def _is_needed(self, name: str, number: int) -> bool:
        held = self._bound.get(name)
        return held is not None and self._last_read.get(held, -1) > number


def _is_near(part: Entry, reader: Entry) -> bool:
    return part.place.file == reader.place.file and part.place.line == reader.place.line


def _number(value: float) -> str:
    return repr(value)
