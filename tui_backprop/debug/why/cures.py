"""What to write otherwise so that a NaN or an infinity does not come about.

Every cure is tried before it is told: the program with the new text in it is read and evaluated on
the same numbers, and is a cure only where every output and gradient is finite and no number that
was finite before has moved.

What is tried, in this order: a function that says the same and has a slope everywhere; a choice
before the op as well as after it, where a ``where`` or a factor of 0 leaves the entry out, and one
after it too where that factor has a slope of its own; 0/0 read as 0; at last a small number under a
root or a logarithm, which moves the values a little, and is told as that.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.debug.why.choices import Choices
from tui_backprop.debug.why.nonfinite import origin
from tui_backprop.debug.why.rewriting import EXACT, Formulas, Rewriting
from tui_backprop.debug.why.written import Change, Written, put, segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.debug.why.choices import Choice
    from tui_backprop.debug.why.nonfinite import Origin, What
    from tui_backprop.debug.why.rewriting import Tried
    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Node
    from tui_backprop.rules.types import Array

_SAFE: Final = ("1", "0", "2", "0.5")
"""Tried in this order: 1 is in the domain of most, 0 of arctanh and arccos, 2 of arccosh."""

_MOST_TRIED: Final = 60
_MOST_WORK: Final = 10_000
"""Nodes that are evaluated for one question, a hundred entries counted as one: half a second."""

_MOST_PLACES: Final = 12
_MOST_CHANGES: Final = 3
_NEAR: Final = 1e-3
"""How far a small number beside a value may move the results."""


class Way(Enum):
    """What kind of cure it is."""

    SAME = "a function that says the same"
    TWICE = "a choice before the op as well"
    CHOSEN = "a choice before the op, and one after it"
    COUNTED = "0 times infinity is read as 0"
    ZERO = "0/0 is read as 0"
    SMALL = "a small number beside the operand"


_CHOOSING: Final = frozenset({Way.TWICE, Way.CHOSEN, Way.COUNTED})


class Cure(NamedTuple):
    """A cure that was tried and holds.

    Attributes:
        changes: the nodes and what to write for them, with the names that people know.
        ways: of each change its kind.
        moved: how far, relatively, the farthest result moves.
        by: of a choice before the op, the ops that leave entries out behind it.
    """

    changes: tuple[Change, ...]
    ways: tuple[Way, ...]
    moved: float
    by: frozenset[str] = frozenset()


class _Step(NamedTuple):
    """Some changes, of what kind they are, and what they made of the walk."""

    added: tuple[Change, ...]
    way: Way
    tried: Tried


class _After(NamedTuple):
    """What stands behind an op that has a choice before it.

    Attributes:
        way: what kind of cure both make.
        choices: that stand behind it.
        value: what the op is where these leave it out.
    """

    way: Way
    choices: tuple[Choice, ...] = ()
    value: str = ""


def cure(evaluation: Evaluation, found: Origin) -> Cure | None:
    """The first that holds; None where none of those known does, or the graph is too large."""
    written = Written(evaluation.graph)
    rewriting = Rewriting(evaluation, written)
    if not rewriting.is_possible or (found.edge is None and not _is_op(evaluation, found.node)):
        return None
    return _Search(rewriting, found.what).run(found)


def _is_op(evaluation: Evaluation, node: int) -> bool:
    return evaluation.graph.nodes[node].rule is not None


class _Search:
    """Tries candidates, and counts how many."""

    def __init__(self, rewriting: Rewriting, what: What) -> None:
        self._what = what
        self._rewriting = rewriting
        self._evaluation = rewriting.evaluation
        self._written = rewriting.written
        self._nodes = rewriting.evaluation.graph.nodes
        self._choices = Choices(rewriting)
        self._formulas = Formulas(rewriting.evaluation, rewriting.written)
        self._left = min(_MOST_TRIED, max(1, _MOST_WORK // rewriting.work))

    def run(self, found: Origin) -> Cure | None:
        """Make one change after the other, until everything is finite."""
        changes: list[Change] = []
        ways: list[Way] = []
        node, by, moved = found.node, frozenset[str](), 0.0
        while len(changes) < _MOST_CHANGES:
            step = self._one(changes, node)
            if step is None:
                return None
            changes.extend(step.added)
            ways.extend([step.way] * len(step.added))
            moved = max(moved, step.tried.moved)
            if step.way in _CHOOSING:
                by |= {self._nodes[c.node].op for c in self._choices.deciding(step.added[0].node)}
            if step.tried.is_cured:
                shown = tuple(Change(c.node, self._written.shown(c.text)) for c in changes)
                return Cure(shown, tuple(ways), moved, by)
            following = self._next(step.tried)
            if following is None:
                return None
            node = following
        return None

    def _one(self, changes: Sequence[Change], node: int) -> _Step | None:
        """The first candidate with which everything is finite; else the first that helps."""
        helped: _Step | None = None
        seen: set[tuple[Change, ...]] = {tuple(changes)}
        for way, added in self._candidates(node):
            if added in seen or not self._left:
                continue
            seen.add(added)
            self._left -= 1
            tried = self._rewriting.tried([*changes, *added])
            if tried is None or tried.moved > (_NEAR if way is Way.SMALL else EXACT):
                continue
            if tried.is_cured:
                return _Step(added, way, tried)
            if helped is None and way is not Way.SMALL:
                following = self._next(tried)
                if following is not None and following not in {c.node for c in added}:
                    helped = _Step(added, way, tried)
        return helped

    def _next(self, tried: Tried) -> int | None:
        """The node of this graph at which the changed program goes wrong first."""
        whats: tuple[What, ...] = (self._what, "nan", "inf")
        for what in whats:
            later = origin(tried.trace.timeline, what)
            if later is not None:
                return self._own(tried.trace.graph.nodes[later.node])
        return None

    def _own(self, node: Node) -> int | None:
        """The node of the unchanged graph with the op, text and name of a given one."""
        for own in self._nodes:
            if own.op == node.op and own.text == node.text and own.name == node.name:
                return own.id
        return None

    def _candidates(self, node: int) -> Iterator[tuple[Way, tuple[Change, ...]]]:
        for n in [node, *self._choices.downstream(node)]:
            for text in self._formulas.instead(self._nodes[n]):
                yield Way.SAME, (Change(n, text),)
        places = self._places(node)
        for place in places:
            for way, text in self._guarded(place, self._choices.deciding(place)):
                yield way, (Change(place, text),)
        yield from self._together(places)
        if self._nodes[node].op == "divide":
            yield from self._zero_by_zero(node)
        yield from self._small(node)

    def _together(self, places: Sequence[int]) -> Iterator[tuple[Way, tuple[Change, ...]]]:
        """All ops that a choice leaves out and that are the first to go wrong, at once."""
        deciding = {
            place: self._choices.deciding(place) for place in places if self._is_wrong(place)
        }
        for choice in dict.fromkeys(c for choices in deciding.values() for c in choices):
            told = {
                place: next(self._guarded(place, [choice]), None)
                for place, choices in deciding.items()
                if choice in choices
            }
            found = [(one[0], Change(place, one[1])) for place, one in told.items() if one]
            if len(found) > 1:
                yield found[0][0], tuple(change for _, change in found)

    def _is_wrong(self, place: int) -> bool:
        """Whether a value or a slope of an op is not finite where all that it reads is."""
        node = self._nodes[place]
        if not self._choices.is_elementwise(place):
            return False
        operands = [self._evaluation.value(p) for p in node.parents]
        fine = np.ones(node.shape, dtype=bool)
        for x in operands:
            fine &= np.isfinite(x)
        return not all(np.isfinite(x)[fine].all() for x in self._computed(node, operands))

    def _computed(self, node: Node, operands: Sequence[Array]) -> Iterator[Array]:
        """The value of an elementwise op, and its slopes, each in the op's shape."""
        if node.rule is None:
            return
        with np.errstate(all="ignore"):
            y = np.asarray(node.rule.forward(np, *operands, **node.params), dtype=np.float64)
            yield np.broadcast_to(y, node.shape)
            for a in self._evaluation.plan.arguments[node.id]:
                pull = node.rule.derivative(a).vjp
                slope = pull(np.ones_like(y), y, tuple(operands), node.params)
                yield np.broadcast_to(slope, node.shape)

    def _places(self, node: int) -> list[int]:
        """The op to blame, and those that it is computed from, the nearest first."""
        found, at = [node], 0
        while at < len(found) and len(found) < _MOST_PLACES:
            for parent in self._nodes[found[at]].parents:
                if self._nodes[parent].rule is not None and parent not in found:
                    found.append(parent)
            at += 1
        return found

    def _guarded(self, place: int, choices: Sequence[Choice]) -> Iterator[tuple[Way, str]]:
        """An op with a choice before it; if one is not enough, with all of them.

        Also with one after it, of the op's own value, where a factor's slope would be another.
        """
        if len(segments(self._written.text(place))) < len(self._nodes[place].parents):
            return
        groups = [*([c] for c in choices), *([list(choices)] if len(choices) > 1 else [])]
        for group in groups:
            outer = self._after(place, group)
            if outer is None:
                continue
            for text in self._with_choice_before(place, group):
                yield outer.way, self._with_choice_after(place, text, outer)

    def _with_choice_after(self, place: int, text: str, outer: _After) -> str:
        for choice in outer.choices:
            text = f"where({self._condition(choice, place)}, {text}, {outer.value})"
        return text

    def _after(self, place: int, group: Sequence[Choice]) -> _After | None:
        """What must stand behind an op as well; None where no choice before it can be right."""
        seen = [choice for choice in group if self._choices.is_seen(choice)]
        if not seen:
            return _After(Way.TWICE)
        way, own = self._own_value(place, seen)
        if not own:
            return None
        if all(self._nodes[choice.node].op != "divide" for choice in seen):
            return _After(way, tuple(seen), own)
        # Behind the op it would be 0/0 again.
        is_zero = len(group) == 1 and (way, own) == (Way.CHOSEN, "0")
        return _After(Way.ZERO) if is_zero else None

    def _with_choice_before(self, place: int, group: Sequence[Choice]) -> Iterator[str]:
        """An op with one of its operands chosen, another number where it is left out."""
        text = self._written.text(place)
        spots = segments(text)
        for argument in self._order(place):
            start, stop = spots[argument]
            for safe in self._safe(place, argument, group):
                for inner in self._chosen(group, place, text[start:stop], safe):
                    yield put(text, start, stop, inner)

    def _own_value(self, place: int, seen: Sequence[Choice]) -> tuple[Way, str]:
        """What an op is where factors of 0 leave it out, as one number; empty where it is several.

        Where it is none, 0 is what a product with 0 counts it as.
        """
        node = self._nodes[place]
        value = np.broadcast_to(self._evaluation.value(place), node.shape)
        found = value[self._choices.left_out(node, seen)]
        if not np.isfinite(found).all():
            return Way.COUNTED, "0"
        if not found.size or (found != found[0]).any():
            return Way.CHOSEN, ""
        return Way.CHOSEN, repr(float(found[0])).removesuffix(".0") if found[0] else "0"

    def _order(self, place: int) -> list[int]:
        """Which operand is replaced: of a quotient the divisor first."""
        count = len(self._nodes[place].parents)
        return sorted(range(count), reverse=self._nodes[place].op == "divide")

    def _chosen(
        self, group: Sequence[Choice], place: int, operand: str, safe: str
    ) -> Iterator[str]:
        """``where(condition, operand, safe)``, also for an axis that is reduced behind it."""
        conditions = [self._condition(choice, place) for choice in group]
        if not all(conditions):
            return
        for wide in ("", "[:, None]", "[..., None]"):
            found = operand
            for choice, condition in zip(group, conditions, strict=True):
                spread = condition if not wide else f"({condition}){wide}"
                one, other = (found, safe) if choice.is_kept else (safe, found)
                found = f"where({spread}, {one}, {other})"
            yield found
            if self._choices.is_elementwise(place):
                return

    def _condition(self, choice: Choice, place: int) -> str:
        """The condition as it can be written at the place; of a factor that it is not 0."""
        node = self._nodes[choice.node]
        text = self._written.verbatim(node.id, node.parents.index(choice.condition), place)
        text = text or self._written.expressed(choice.condition, place)
        if node.op == "where" or not text:
            return text
        return f"{text} != 0" if text.isidentifier() else f"({text}) != 0"

    def _safe(self, place: int, argument: int, group: Sequence[Choice]) -> Iterator[str]:
        """Numbers at which an elementwise op and its slopes are finite where they are put."""
        node = self._nodes[place]
        if not self._choices.is_elementwise(place):
            yield _SAFE[0]
            return
        left_out = self._choices.left_out(node, group)
        for safe in _SAFE:
            operands = [self._evaluation.value(p) for p in node.parents]
            operands[argument] = np.full_like(operands[argument], float(safe))
            if all(np.isfinite(x[left_out]).all() for x in self._computed(node, operands)):
                yield safe

    def _zero_by_zero(self, node: int) -> Iterator[tuple[Way, tuple[Change, ...]]]:
        """A divisor that is 1 where it is 0: of 0/0 this makes 0."""
        text = self._written.text(node)
        spots = segments(text)
        if len(spots) != 2:
            return
        above, below = (self._evaluation.value(p) for p in self._nodes[node].parents)
        is_zero = np.broadcast_to(below == 0, self._nodes[node].shape)
        if not is_zero.any() or np.any(np.broadcast_to(above, is_zero.shape)[is_zero] != 0):
            return
        divisor = text[spots[1][0] : spots[1][1]]
        safe = put(text, *spots[1], f"where({divisor} == 0, 1, {divisor})")
        yield Way.ZERO, (Change(node, safe),)

    def _small(self, node: int) -> Iterator[tuple[Way, tuple[Change, ...]]]:
        """1e-12 under a root or a logarithm."""
        found = self._nodes[node]
        is_known = found.rule is not None and found.rule.traits.has_epsilon
        if found.op == "power":
            exponent = self._nodes[found.parents[1]].literal
            is_known = isinstance(exponent, float | int) and 0 < exponent < 1
        text = self._written.text(node)
        spots = segments(text)
        if is_known and spots:
            start, stop = spots[0]
            safe = put(text, start, stop, f"{text[start:stop]} + 1e-12")
            yield Way.SMALL, (Change(node, safe),)
