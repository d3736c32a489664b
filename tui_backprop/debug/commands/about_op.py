"""``info op NAME``: an op in a few lines, as the command line's ``ops`` has it on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.language.message import Answer, AnswerLine, answer_of, joined, said
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.aliases import ALIASES
from tui_backprop.program.vocabulary.explained import EXPLAINED, results_told
from tui_backprop.program.vocabulary.makers import SEVERAL
from tui_backprop.rules import RULES
from tui_backprop.rules import find as find_rule

if TYPE_CHECKING:
    from tui_backprop.program.library.definitions import Definition


def about_op(name: str) -> Answer:
    """What is told of a row, of a composed op, of a function that is neither, or of a leaf.

    Raises:
        RuleError: there is none of that name.
    """
    if name in {"input", "const"}:
        is_input = name == "input"
        what = said("a leaf with a gradient") if is_input else said("a leaf without a gradient")
        return answer_of(joined("  ", [name, what]))
    own = ALIASES.get(name, name)
    if own in definitions():
        return _about_composed(definitions()[own])
    if own in EXPLAINED:
        return _about_maker(own)
    rule = find_rule(own)
    lines = [f"{rule.name}({', '.join(rule.operands)})", said(rule.summary)]
    at_kink = said("at a kink: {convention}", convention=said(rule.convention))
    lines += [at_kink] * bool(rule.convention)
    return Answer(tuple(AnswerLine(line) for line in lines))


def op_named(name: str) -> Answer | None:
    """What is told of an op of exactly this name; None where there is none.

    A word of the field may be spelt like a leaf's kind, so that no leaf is meant here.
    """
    own = ALIASES.get(name, name)
    is_known = own in RULES or own in definitions() or own in EXPLAINED
    return about_op(own) if is_known else None


def _about_composed(op: Definition) -> Answer:
    told = [op.signature, said(op.summary)]
    if op.convention:
        told.append(said("at a kink: {convention}", convention=said(op.convention)))
    lines = [AnswerLine(line) for line in told]
    return Answer((*lines, *(AnswerLine(line, is_code=True) for line in op.text.splitlines())))


def _about_maker(name: str) -> Answer:
    """A function that is no op: what it gives, and which ops its results are."""
    made, parts = EXPLAINED[name], SEVERAL.get(name, {})
    told = [made.signature, made.summary]
    if parts:
        told.append(results_told(parts))
    lines = [AnswerLine(line) for line in told]
    code = (AnswerLine(line, is_code=True) for line in made.example.splitlines())
    return Answer((*lines, *code))
