"""What a step says aloud: what depends on what, how steeply, and what arrives."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import is_read_again
from tui_backprop.render.speech.naming import Naming
from tui_backprop.render.speech.reader import Reader
from tui_backprop.render.speech.words import array, spoken, spoken_product, tidied
from tui_backprop.render.text.choices import choice
from tui_backprop.render.text.spans import printable
from tui_backprop.rules.text import application
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import (
    edge_of,
    edge_total,
    is_complete_here,
    is_picked,
    pulled,
    sum_by_adding,
    updated,
    why_unknown,
    why_whole_unknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.model import Edge, Node
    from tui_backprop.language.catalogue import Language
    from tui_backprop.render.export.text import Level
    from tui_backprop.render.text.names import Namer
    from tui_backprop.rules.types import Array
    from tui_backprop.timeline.frame import Partial
    from tui_backprop.timeline.timeline import Frame, Timeline

_MOST_OPERANDS: Final = 4
"""Operands that are named when an op is explained; a list that is joined may have dozens."""


class Sentences:
    """Tells the steps of walks over one graph.

    Attributes:
        reader: reads formulas, titles and notes in the same language.

    Args:
        namer: of the nodes of the graph.
        language: in which they are told.
        naming: the spoken names, where others than of this language are meant.
    """

    def __init__(self, namer: Namer, language: Language, naming: Naming | None = None) -> None:
        self.reader = Reader(language)
        self._naming = naming or Naming(namer, self.reader)
        self._language = language
        self._say = language.say
        first: dict[str, int] = {}
        for node in namer.graph.nodes:
            first.setdefault(node.op, node.id)
        self._explained = frozenset(first.values())

    def event(self, frame: Frame, level: Level = "partial") -> str:
        """A step on one line, in one sentence or a few short ones.

        Args:
            frame: the state after the step.
            level: at that of nodes, a partial stands for its whole edge, whose last it is.
        """
        return tidied(" ".join(self._event(frame, level)))

    def gradient(self, name: str, value: Array) -> str:
        """The final gradient of an input."""
        called = self.reader.name(printable(name))
        return tidied(
            self._say("The gradient of {name} is {value}.", name=called, value=self._array(value))
        )

    def trained(self, last: Timeline) -> Iterator[str]:
        """After a training, what inputs have become, and the loss of each iteration."""
        if last.iterations is None:
            return
        for leaf in last.updates.leaves:
            value = self._array(last.updates.of(leaf)[-1].value)
            name = self._naming.label(leaf)
            told = self._say("After the last update {name} is {value}.", name=name, value=value)
            yield tidied(told)
        training = last.iterations
        for k in range(training.count):
            loss = self._number(training.loss(k))
            yield self._say("The loss of iteration {number} is {loss}.", number=k + 1, loss=loss)

    def _event(self, frame: Frame, level: Level) -> list[str]:
        if frame.phase is Phase.BUILD and frame.k == frame.timeline.steps.start:
            return [*self._iteration(frame), *self._built(frame)]
        if frame.phase is Phase.UPDATE:
            return self._updated(frame, level)
        if frame.phase is Phase.BUILD:
            return self._built(frame)
        if frame.phase is Phase.SEED:
            return self._seeded(frame)
        if frame.phase is Phase.ZERO_GRAD:
            return [self._say("Every gradient is set to 0; what comes next does not add to it.")]
        if level == "node":
            return self._pulled(frame)
        unknown = why_unknown(frame)
        return [self.unknown(unknown)] if unknown else self._partial(frame)

    def _iteration(self, frame: Frame) -> list[str]:
        updates = frame.timeline.updates
        if updates.update is None:
            return []
        number, count = updates.number + 1, updates.update.steps
        return [self._say("Iteration {number} of {count}.", number=number, count=count)]

    def _updated(self, frame: Frame, level: Level) -> list[str]:
        """What an entry, or a whole input, was, what is subtracted, and what it is."""
        if level == "node":
            new = self._array(frame.timeline.updates.of(frame.node.id)[-1].value)
            name = self._naming.label(frame.node.id)
            return [self._say("{name} is updated: it is now {value}.", name=name, value=new)]
        found = updated(frame)
        before, gradient, subtracted, after = map(self._number, found)
        return [self._say(
            "{name} was {before}, its gradient is {gradient}: {subtracted} is subtracted, and it "
            "is now {after}.",
            name=self._naming.entry(frame.node.id, frame.column), before=before,
            gradient=gradient, subtracted=subtracted, after=after,
        )]  # fmt: skip

    def unknown(self, why: str) -> str:
        """Why a number cannot be told, as a sentence."""
        told = self._language.retold(why)
        return f"{told[:1].upper()}{told[1:]}."

    def _built(self, frame: Frame) -> list[str]:
        node = frame.node
        say, name = self._say, self._naming.label(node.id)
        if node.literal is not None and not node.shape:
            if frame.timeline.is_forward:
                return [say("The number {name} is a constant: it does not move.", name=name)]
            return [say("The number {name} is a constant: no gradient flows into it.", name=name)]
        is_known = frame.timeline.trace.is_known(node.id)
        if not is_known and node.rule is None:
            return [say("{name} is a leaf of the graph.", name=name),
                    say("Its value was not kept.")]  # fmt: skip
        if not is_known:
            written = self._naming.application(node.id)
            computed = say("{name} is computed as {written}.", name=name, written=written)
            return [computed, say("Its value was not saved."), *self._explanation(node)]
        value = self._array(frame.timeline.trace.value(node.id))
        if node.rule is None:
            return [self._leaf(frame, name, value)]
        written = self._naming.application(node.id)
        said = [say("{name} is computed as {written}.", name=name, written=written),
                say("Its value is {value}.", value=value)]  # fmt: skip
        return said + self._explanation(node)

    def _leaf(self, frame: Frame, name: str, value: str) -> str:
        """What an input or a constant is; in a forward walk, whether it moves."""
        say, told = self._say, {"name": name, "value": value}
        is_input, tangents = frame.node.role is Role.INPUT, frame.timeline.tangents
        if tangents is not None:
            if not is_input:
                return say("{name} is a constant, {value}; it does not move.", **told)
            if frame.node.id in tangents.by_input:
                return say("{name} is an input that moves, {value}.", **told)
            return say("{name} is an input that is held fixed, {value}.", **told)
        if is_input:
            return say("{name} is an input, {value}.", **told)
        return say("{name} is a constant, {value}; no gradient flows into it.", **told)

    def _explanation(self, node: Node) -> list[str]:
        """What the op does, by the names of its own operands, where the program uses it first."""
        rule = node.rule
        if rule is None or not rule.summary or node.id not in self._explained:
            return []
        summary = self.reader.read(self._language.translated(rule.summary))
        if not rule.parameters:
            written = self.reader.read(application(rule, rule.operands, {}))
            if summary.startswith(written):
                return []  # "x plus y is x plus y" explains nothing
        call = node.op
        if len(rule.operands) <= _MOST_OPERANDS:
            operands = self.reader.listed(rule.operands)
            call = self._say("{function} of {operands}", function=call, operands=operands)
        return [self._say("In general, {call} is {summary}.", call=call, summary=summary)]

    def _seeded(self, frame: Frame) -> list[str]:
        if frame.v is None:
            raise AssertionError("a seed has a v")
        say, node = self._say, frame.node
        name = self._naming.label(node.id)
        value = self._array(frame.v)
        if frame.is_forward:
            return self._moved(frame, name, value)
        if self._naming.has_own_v:
            said = [say("The backward pass starts from {name}: its gradient is {value}.",
                        name=name, value=value)]  # fmt: skip
        else:
            said = [say("The backward pass starts from {name}: v is {value}.",
                        name=name, value=value)]  # fmt: skip
        walk = frame.timeline.walk(frame.pass_number)
        if walk.run.assumed_ones:
            said.append(self._assumed(node, name))
        if frame.is_whole_only:
            said.append(say("No partial is different from 0 whatever the numbers are, but a "
                            "formula for a whole op makes what is not finite of v."))  # fmt: skip
        elif not walk.route.length:
            said.append(say("Nothing reaches an input from here: no step goes backward."))
        return said

    def _moved(self, frame: Frame, name: str, value: str) -> list[str]:
        """The seed of a forward walk."""
        told = [self._say("The forward pass starts from {name}: its tangent is {value}.",
                          name=name, value=value)]  # fmt: skip
        if frame.walk.run.assumed_ones:
            told.append(self._say("No tangent was given, so all ones are assumed."))
        if not frame.walk.route.length:
            told.append(self._say("Nothing depends on it: no step goes forward."))
        return told

    def _pushed(self, frame: Frame) -> list[str]:
        """A step of a forward walk: the slope, the tangent, the product and the sum."""
        edge, p = pulled(frame)
        y, x = self._naming.entry(edge.node, p.j), self._naming.entry(edge.parent, p.i)
        slope, number, after = (self._number(n) for n in (p.value, p.v, p.after))
        product = spoken_product(p.contribution, (p.value, p.v), self._language)
        said = self._say("{y} depends on {x} with slope {slope}.", y=y, x=x, slope=slope)
        told = self._say(
            "{x} moves with speed {number}, so {y} receives {slope} times {number}, which is "
            "{product}; its tangent is now {after}.",
            x=x, y=y, number=number, slope=slope, product=product, after=after,
        )  # fmt: skip
        return [said, told, *self._convention(frame), *self._whole(frame), *self._spoiled(p)]

    def tangent(self, node_id: int, tangent: Array) -> str:
        """The tangent of a node at the end of a forward walk."""
        name = self._naming.label(node_id)
        return self._say("The tangent of {name} is {value}.",
                         name=name, value=self._array(tangent))  # fmt: skip

    def _assumed(self, node: Node, name: str) -> str:
        if self._naming.has_own_v and node.size == 1:
            return self._say("No vector was given; {name} is one number, so it is 1.", name=name)
        if self._naming.has_own_v:
            return self._say(
                "No vector was given, so all ones are assumed; PyTorch would raise here, since "
                "{name} has {number} entries.", name=name, number=node.size)  # fmt: skip
        if node.size == 1:
            return self._say("v was left out; {name} is one number, so v is 1.", name=name)
        return self._say(
            "v was left out, so all ones are assumed; PyTorch would raise here, since {name} has "
            "{number} entries.", name=name, number=node.size)  # fmt: skip

    def _partial(self, frame: Frame) -> list[str]:
        if frame.is_forward:
            return self._pushed(frame)
        edge, p = pulled(frame)
        y = self._naming.entry(edge.node, p.j)
        x = self._naming.entry(edge.parent, p.i)
        if not p.is_structural and is_picked(frame):
            said = [self._say("{y} does not read {x}: the data of {op} pick other entries, so "
                              "nothing arrives.", y=y, x=x, op=frame.node.op),
                    self._kept(x, p)]  # fmt: skip
        elif not p.is_structural:
            said = [self._say("{y} does not read {x}: the slope is 0 whatever the numbers are, so "
                              "nothing arrives.", y=y, x=x), self._kept(x, p)]  # fmt: skip
        elif p.value == 0 and p.contribution == 0:
            said = [self._say("The slope of {y} in {x} is 0 here, so nothing arrives.", y=y, x=x),
                    self._kept(x, p)]  # fmt: skip
        else:
            said = self._arrived(y, x, self._naming.cotangent(edge.node, p.j), p)
        return (
            self._becoming(frame)
            + said
            + self._convention(frame)
            + self._whole(frame)
            + self._spoiled(p)
        )

    def _becoming(self, frame: Frame) -> list[str]:
        """Where the walk comes to a node: that its gradient is what is pulled back."""
        if not is_complete_here(frame):
            return []
        name = self._naming.label(frame.node.id)
        if self._naming.has_own_v:
            return [self._say("The gradient of {name} is complete, and is pulled back from here.",
                              name=name)]  # fmt: skip
        return [self._say("The gradient of {name} is complete, and is v from here on.", name=name)]

    def _arrived(self, y: str, x: str, v: str, p: Partial) -> list[str]:
        """The slope; then v, the product and the sum."""
        slope, number, after = (self._number(n) for n in (p.value, p.v, p.after))
        product = spoken_product(p.contribution, (p.v, p.value), self._language)
        said = [self._say("{y} depends on {x} with slope {slope}.", y=y, x=x, slope=slope)]
        if p.before is None:
            told = self._say(
                "{v} is {number}, so {x} receives {number} times {slope}, which is {product}; its "
                "gradient is now {after}.",
                v=v, x=x, number=number, slope=slope, product=product, after=after,
            )  # fmt: skip
        else:
            told = self._say(
                "{v} is {number}, so {x} receives {number} times {slope}, which is {product}; it "
                "had {before}, and its gradient is now {after}.",
                v=v, x=x, number=number, slope=slope, product=product, after=after,
                before=self._number(p.before),
            )  # fmt: skip
        return [*said, told]

    def _kept(self, x: str, p: Partial) -> str:
        after = self._number(p.after)
        if p.before is None:
            return self._say("The gradient of {x} is now {after}.", x=x, after=after)
        return self._say("The gradient of {x} stays {after}.", x=x, after=after)

    def _convention(self, frame: Frame) -> list[str]:
        """At a kink, the choice that was made."""
        told = choice(frame)
        return [self.reader.read(self._language.retold(told))] if told else []

    def _whole(self, frame: Frame) -> list[str]:
        """Where a gradient is not what adding gives."""
        added = sum_by_adding(frame)
        if added is None:
            return []
        names = {"op": self.reader.read(frame.node.op), "sum": self._number(added)}
        if frame.is_forward:
            return [self._say("{op} is pushed forward as a whole, by a formula for all of it: "
                              "adding this term would give {sum}.", **names)]  # fmt: skip
        return [self._say("{op} is pulled back as a whole, by a formula for all of it: adding this "
                          "term would give {sum}.", **names)]  # fmt: skip

    def _spoiled(self, p: Partial) -> list[str]:
        """Where a gradient stops being a number that can be used."""
        if math.isfinite(p.after) or (p.before is not None and not math.isfinite(p.before)):
            return []
        return [self._say("From here on it is not finite.")]

    def _pulled(self, frame: Frame) -> list[str]:
        """What a whole edge adds to its parent's adjoint, and what that is then."""
        if why := why_whole_unknown(frame):
            return [self.unknown(why)]
        edge = edge_of(frame)
        added = edge_total(frame)
        adjoint, _ = frame.adjoint(frame.target).toarray()
        if frame.is_forward:
            names = {"name": self._naming.label(edge.node), "x": self._naming.label(edge.parent)}
            return [self._say(
                "From {x}, the tangent of {name} receives {value}; it is now {sum}.",
                value=self._array(added), sum=self._array(adjoint), **names,
            )]  # fmt: skip
        name, source = self._naming.label(edge.parent), self._source(edge)
        if np.any(added):
            said = self._say("From {source}, {name} receives {value}.",
                             name=name, value=self._array(added), source=source)  # fmt: skip
        else:
            said = self._say("From {source}, nothing arrives at {name}: every entry is 0.",
                             name=name, source=source)  # fmt: skip
        if np.array_equal(added, adjoint, equal_nan=True):
            return [said, self._say("That is its gradient so far.")]
        return [said, self._say("Its gradient is now {value}.", value=self._array(adjoint))]

    def _source(self, edge: Edge) -> str:
        """The node that an edge leads from; with its operand where it reads the parent twice."""
        name = self._naming.label(edge.node)
        if not is_read_again(self._naming.namer.graph, edge):
            return name
        return self._say("{name} through its operand number {number}",
                         name=name, number=edge.argument + 1)  # fmt: skip

    def _array(self, value: Array) -> str:
        return array(value, self._language, self._naming.namer.subscripts)

    def _number(self, value: float) -> str:
        return spoken(value, self._language)
