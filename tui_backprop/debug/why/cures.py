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
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tui_backprop.debug.why.nonfinite import origin
from tui_backprop.debug.why.rewriting import EXACT, Formulas, Rewriting
from tui_backprop.debug.why.written import Change, Written, put, segments
from tui_backprop.graph.model import Backward, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
_MOST_CHOICES: Final = 4
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


class _Choice(NamedTuple):
    """Something that leaves entries out: ``where``, or a factor or a numerator of 0.

    Attributes:
        node: which does.
        argument: the operand that is left out or not.
        condition: what decides.
        is_kept: whether that operand is kept where the condition is not 0.
    """

    node: int
    argument: int
    condition: int
    is_kept: bool


class _Step(NamedTuple):
    """Some changes, of what kind they are, and what they made of the walk."""

    added: tuple[Change, ...]
    way: Way
    tried: Tried


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
                by |= {self._nodes[c.node].op for c in self._deciding(step.added[0].node)}
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
        for n in [node, *self._downstream(node)]:
            for text in self._formulas.instead(self._nodes[n]):
                yield Way.SAME, (Change(n, text),)
        places = self._places(node)
        for place in places:
            for way, text in self._guarded(place, self._deciding(place)):
                yield way, (Change(place, text),)
        yield from self._together(places)
        if self._nodes[node].op == "divide":
            yield from self._zero_by_zero(node)
        yield from self._small(node)

    def _together(self, places: Sequence[int]) -> Iterator[tuple[Way, tuple[Change, ...]]]:
        """All ops that a choice leaves out and that are the first to go wrong, at once."""
        deciding = {place: self._deciding(place) for place in places if self._is_wrong(place)}
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
        if not self._is_elementwise(place):
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

    def _deciding(self, place: int) -> list[_Choice]:
        """The choices each of which alone decides what of a node the outputs see."""
        reached = [place, *self._downstream(place)]
        choices = (c for c in self._choices(reached) if self._is_apart(c, place))
        found = (c for c in choices if self._decides(c, place))
        return sorted(islice(found, _MOST_CHOICES), key=self._is_seen)

    def _is_seen(self, choice: _Choice) -> bool:
        """Whether what is left out is the slope of the factor that leaves it out."""
        return self._nodes[choice.node].op != "where" and self._is_walked(choice.condition)

    def _downstream(self, node: int) -> list[int]:
        """The nodes that depend on one."""
        reached = {node}
        found = []
        for later in self._nodes[node + 1 :]:
            if not reached.isdisjoint(later.parents):
                reached.add(later.id)
                found.append(later.id)
        return found

    def _choices(self, reached: Sequence[int]) -> Iterator[_Choice]:
        """What leaves out entries on the way from the node to the outputs, the nearest first."""
        within = set(reached)
        for n in reached:
            node = self._nodes[n]
            if node.op == "where":
                for argument in (1, 2):
                    if node.parents[argument] in within:
                        yield _Choice(n, argument, node.parents[0], argument == 1)
            elif node.op == "multiply":
                for argument, parent in enumerate(node.parents):
                    if parent in within and self._has_zero(node.parents[1 - argument]):
                        yield _Choice(n, argument, node.parents[1 - argument], True)
            elif node.op == "divide":
                above, below = node.parents
                if below in within and self._has_zero(above):
                    yield _Choice(n, 1, above, True)

    def _is_apart(self, choice: _Choice, place: int) -> bool:
        """Whether what a choice leaves out is all that it decides.

        A factor of 0 that is differentiated itself has what it multiplies for its slope, and that
        would be another; but not where the op is computed entry by entry from that very 0.
        """
        if not self._is_seen(choice):
            return True
        waiting = list(self._nodes[place].parents)
        while waiting:
            node = waiting.pop()
            if node == choice.condition or not self._is_walked(node):
                continue
            if not self._is_elementwise(node):
                return False
            waiting.extend(self._nodes[node].parents)
        return True

    def _is_walked(self, node: int) -> bool:
        """Whether a node receives a gradient."""
        is_input = self._nodes[node].role is Role.INPUT
        return is_input or bool(self._evaluation.plan.arguments[node])

    def _decides(self, choice: _Choice, place: int) -> bool:
        """Whether a choice alone decides, entry by entry, what of a node the outputs see.

        What it leaves out may be replaced then, and no output can tell. Where the numbers cannot
        tell either, because they were NaN, this is what makes the cure right.
        """
        if not self._is_elementwise(place) and self._rewriting.has_bad_output:
            return False
        reached = {place}
        for n in range(place + 1, choice.node + 1):
            arrived = [a for a, p in enumerate(self._nodes[n].parents) if p in reached]
            if not arrived or n not in self._leading:
                continue
            if n == choice.node:
                return arrived == [choice.argument] and not self._is_read_later(reached, n)
            if not self._is_elementwise(n) or n in self._outputs:
                return False
            reached.add(n)
        return False

    def _is_read_later(self, reached: set[int], last: int) -> bool:
        """Whether some of these nodes, or an output among them, is seen past a node."""
        if not reached.isdisjoint(self._outputs):
            return True
        later = (n for n in self._leading if n > last)
        return any(not reached.isdisjoint(self._nodes[n].parents) for n in later)

    def _is_elementwise(self, node: int) -> bool:
        rule = self._nodes[node].rule
        return rule is not None and rule.elementwise

    @cached_property
    def _outputs(self) -> frozenset[int]:
        passes = self._evaluation.passes
        return frozenset(p.of for p in passes if isinstance(p, Backward))

    @cached_property
    def _leading(self) -> frozenset[int]:
        """The nodes that some output depends on."""
        found = set(self._outputs)
        for node in reversed(self._nodes):
            if node.id in found:
                found.update(node.parents)
        return frozenset(found)

    def _has_zero(self, node: int) -> bool:
        return bool(np.any(self._evaluation.value(node) == 0))

    def _places(self, node: int) -> list[int]:
        """The op to blame, and those that it is computed from, the nearest first."""
        found, at = [node], 0
        while at < len(found) and len(found) < _MOST_PLACES:
            for parent in self._nodes[found[at]].parents:
                if self._nodes[parent].rule is not None and parent not in found:
                    found.append(parent)
            at += 1
        return found

    def _guarded(self, place: int, choices: Sequence[_Choice]) -> Iterator[tuple[Way, str]]:
        """An op with a choice before it; if one is not enough, with all of them.

        Also with one after it, of the op's own value, where a factor's slope would be another.
        """
        text = self._written.text(place)
        spots = segments(text)
        operands = self._nodes[place].parents
        if len(spots) < len(operands):
            return
        groups = [*([c] for c in choices), *([list(choices)] if len(choices) > 1 else [])]
        for group in groups:
            seen = [choice for choice in group if self._is_seen(choice)]
            way, own = self._own_value(place, seen) if seen else (Way.TWICE, "")
            if seen and not own:
                continue
            if any(self._nodes[choice.node].op == "divide" for choice in seen):
                if len(group) > 1 or (way, own) != (Way.CHOSEN, "0"):
                    continue
                way, seen = Way.ZERO, []  # after the op it would be 0/0 again
            for argument in self._order(place):
                start, stop = spots[argument]
                for safe in self._safe(place, argument, group):
                    for inner in self._chosen(group, place, text[start:stop], safe):
                        whole = put(text, start, stop, inner)
                        for choice in seen:
                            whole = f"where({self._condition(choice, place)}, {whole}, {own})"
                        yield way, whole

    def _own_value(self, place: int, seen: Sequence[_Choice]) -> tuple[Way, str]:
        """What an op is where factors of 0 leave it out, as one number; empty where it is several.

        Where it is none, 0 is what a product with 0 counts it as.
        """
        node = self._nodes[place]
        value = np.broadcast_to(self._evaluation.value(place), node.shape)
        found = value[self._left_out(node, seen)]
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
        self, group: Sequence[_Choice], place: int, operand: str, safe: str
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
            if self._is_elementwise(place):
                return

    def _condition(self, choice: _Choice, place: int) -> str:
        """The condition as it can be written at the place; of a factor that it is not 0."""
        node = self._nodes[choice.node]
        text = self._written.verbatim(node.id, node.parents.index(choice.condition), place)
        text = text or self._written.expressed(choice.condition, place)
        if node.op == "where" or not text:
            return text
        return f"{text} != 0" if text.isidentifier() else f"({text}) != 0"

    def _safe(self, place: int, argument: int, group: Sequence[_Choice]) -> Iterator[str]:
        """Numbers at which an elementwise op and its slopes are finite where they are put."""
        node = self._nodes[place]
        if not self._is_elementwise(place):
            yield _SAFE[0]
            return
        left_out = self._left_out(node, group)
        for safe in _SAFE:
            operands = [self._evaluation.value(p) for p in node.parents]
            operands[argument] = np.full_like(operands[argument], float(safe))
            if all(np.isfinite(x[left_out]).all() for x in self._computed(node, operands)):
                yield safe

    def _left_out(self, node: Node, group: Sequence[_Choice]) -> Array:
        """Which entries of a node some of the choices leave out."""
        found = np.zeros(node.shape, dtype=bool)
        for choice in group:
            holds = self._evaluation.value(choice.condition) != 0
            try:
                found = found | np.broadcast_to(holds != choice.is_kept, node.shape)
            except ValueError:  # a condition of more axes: what it leaves out is told by trying
                continue
        return found

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
