"""What all scripts share: names for the nodes, numbers as literals, a statement for each node."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.errors import TuiBackpropError
from tui_backprop.exports.hunts import righted, script_warning
from tui_backprop.exports.scripts.call import Call, UnsaidError
from tui_backprop.exports.scripts.words import expression
from tui_backprop.graph.kinks import special_points
from tui_backprop.graph.model import Role
from tui_backprop.language.message import said
from tui_backprop.lazy import cached_property
from tui_backprop.render.text.spans import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.exports.subject import Subject
    from tui_backprop.graph.model import Node
    from tui_backprop.graph.passes import PassRun
    from tui_backprop.rules.types import Array

_MOST: Final = 100_000
"""Numbers in a script; a file of data holds more."""
_LONG: Final = 72
"""Letters of a matrix on one line."""
_INFIX: Final = frozenset(("add", "subtract", "multiply", "divide", "power"))
"""Ops that take a number beside an array in every target."""
_OF_OTHER_WORDS: Final = frozenset(("max_axis",))
"""Points of PyTorch's functions that no script calls: it writes amax and amin."""
_NAME: Final = re.compile(r"\W+")


class Program:
    """A scenario, as a target says it.

    Args:
        subject: what is exported.
        target: ``torch``, ``jax`` or ``numpy``.
        forward: what a forward walk did; None where the passes of a backward walk are repeated.
        title: how a person calls the target.
        array: how a literal becomes an array: a template for its text.
        reserved: the names that the script has for itself.

    Raises:
        TuiBackpropError: the target cannot say it; the message names the op and its line.
    """

    def __init__(
        self, subject: Subject, target: str, title: str, array: str, reserved: str
    ) -> None:
        self._warning = script_warning(subject)
        self.subject = subject = righted(subject)
        self.trace = subject.timeline.trace
        self.graph = self.trace.graph
        self.target = target
        self.title = title
        self._array = array
        timeline = subject.timeline
        self.forward = timeline.walk(0).run if timeline.is_forward else None
        self._taken = {*reserved.split(), "inf", "nan", "dtype", "close", "print"}
        self._asserted = 0
        if self.trace.is_recorded:
            raise TuiBackpropError(
                said("a recorded walk has values, and no program that a script could repeat")
            )
        self._check_size()
        self.names = {node.id: self._name(node) for node in self.graph.nodes}
        self._check_conventions()

    def _check_size(self) -> None:
        leaves = [node for node in self.graph.nodes if not node.parents]
        found = sum(node.size for node in [*leaves, *self.shown, *self.inputs])
        if found > _MOST:
            raise TuiBackpropError(
                said(
                    "a script of {count} numbers is not written (at most {most}): --to csv has "
                    "the walk as data",
                    count=f"{found:,}", most=f"{_MOST:,}",
                )
            )  # fmt: skip

    def _check_conventions(self) -> None:
        follows = self.subject.model.conventions
        family = follows.partition("-")[0]
        if follows and family != self.target:
            from tui_backprop.rules.conventions.measured import title

            raise TuiBackpropError(
                said(
                    "the scenario differentiates as {framework} does: a {target} script would not",
                    framework=title(follows), target=self.title,
                )
            )  # fmt: skip
        if not follows and self.target != "numpy":
            for node in self.graph.nodes:
                self._check_points(node)

    def _check_points(self, node: Node) -> None:
        """Refuse a node at a point that the target differentiates otherwise."""
        if node.rule is None or not self.trace.plan.arguments[node.id]:
            return
        for met in special_points(self.trace, node):
            way = met.special.way(self.target)
            is_other = met.special.point in _OF_OTHER_WORDS and self.target == "torch"
            if way is not None and way.change is not None and not is_other:
                raise TuiBackpropError(
                    said(
                        "{target} differentiates {op} otherwise at a point that the numbers are "
                        "at ({place}): see 'tui-backprop conventions {op}'",
                        target=self.title, op=node.op, place=self.place(node),
                    )
                )  # fmt: skip

    def place(self, node: Node) -> str:
        """Where a node was written, and how."""
        text = printable(" ".join(node.text.split()))
        if node.span is None:
            return text
        return said("line {line}: {text}", line=node.span.line, text=text)

    def refusal(self, node: Node) -> TuiBackpropError:
        """That the target has no words for a node."""
        return TuiBackpropError(
            said(
                "{target} has no plain words for {op} as it is called here ({place})",
                target=self.title, op=node.op, place=self.place(node),
            )
        )  # fmt: skip

    @cached_property
    def shown(self) -> list[Node]:
        """The nodes whose values are asserted: those with a name, and the ends of passes."""
        ends, nodes = self.ends, self.graph.nodes
        return [n for n in nodes if n.role is Role.OP and (n.name or n.id in ends)]

    @cached_property
    def ends(self) -> frozenset[int]:
        """The outputs that passes go back from; of a forward walk the one that is asked for."""
        if self.forward is not None:
            return frozenset((self.forward.of,))
        return frozenset(run.of for run in self.trace.runs if run is not None)

    @property
    def inputs(self) -> list[Node]:
        """The leaves that have a gradient."""
        return [self.graph.nodes[n] for n in self.graph.inputs.values()]

    def leaves(self) -> Iterator[tuple[Node, str]]:
        """Each named leaf with its literal."""
        for node in self.graph.nodes:
            if not node.parents and not self._is_number(node):
                yield node, self.array(self.trace.value(node.id))

    def statements(self) -> Iterator[tuple[Node, str]]:
        """Each op with its expression."""
        for node in self.graph.nodes:
            if node.rule is not None:
                try:
                    yield node, expression(self.target, self.call(node))
                except UnsaidError:
                    raise self.refusal(node) from None

    def call(self, node: Node) -> Call:
        """A node's op with its operands as text."""
        nodes = self.graph.nodes
        parents = [nodes[p] for p in node.parents]
        alone = all(map(self._is_number, parents)) or node.op not in _INFIX
        operands = [self._operand(parent, alone=alone) for parent in parents]
        return Call(node, operands, [p.shape for p in parents], self.names[node.id])

    def _operand(self, node: Node, *, alone: bool) -> str:
        if not self._is_number(node):
            return self.names[node.id]
        if alone:
            return self.array(self.trace.value(node.id))
        text = literal(self.trace.value(node.id))
        return f"({text})" if text.startswith("-") else text

    @staticmethod
    def _is_number(node: Node) -> bool:
        """Whether a node is a number that the program writes."""
        return node.literal is not None and not node.shape

    def array(self, value: Array) -> str:
        """An array as the target makes it."""
        made = self._array.format(literal(value) if value.size else "[]")
        return made if value.size or value.shape == (0,) else f"{made}.reshape({value.shape})"

    def check(self, found: str, value: Array) -> str:
        """The statement that asserts an array; there is nothing to assert of no entries."""
        self._asserted += value.size
        return f"close({found}, {literal(value)})\n" if value.size else ""

    def foot(self) -> Iterator[str]:
        """The line that says how many numbers all asserts before it have held; none where none."""
        n = self._asserted
        if n:
            told = self.subject.view.spoken.count(
                "{count} number agrees", "all {count} numbers agree", n, count=f"{n:,}"
            )
            yield f"\nprint({told!r})\n"

    def of(self, node: int) -> str:
        """The name of a node in the script."""
        return self.names[node]

    def fresh(self, name: str) -> str:
        """A name that nothing else has."""
        found = name
        while found in self._taken or keyword.iskeyword(found):
            found += "_"
        self._taken.add(found)
        return found

    def _name(self, node: Node) -> str:
        wanted = _NAME.sub("_", node.name).strip("_") if node.name else ""
        if not wanted.isidentifier():
            wanted = f"n{node.id}"
        return self.fresh(wanted)

    def passes(self) -> Iterator[tuple[PassRun | None, dict[int, Array]]]:
        """Each pass, None for a zero_grad, and the gradient of each input behind it."""
        for number, run in enumerate(self.trace.runs):
            after = self.trace.gradients_after(number)
            found = {
                n: after[n] if n in after else np.zeros(self.graph.nodes[n].shape)
                for n in self.graph.inputs.values()
            }
            yield run, found

    def tangent(self, node: Node) -> Array:
        """What a forward walk gives a node: 0 where it does not come."""
        found = None if self.forward is None else self.forward.cotangents.get(node.id)
        return np.zeros(node.shape) if found is None else found

    def reaches(self, run: PassRun) -> bool:
        """Whether a pass comes to an input."""
        return bool(run.walk.nodes) or self.trace.is_input(run.of)

    def head(self) -> Iterator[str]:
        """The comment that a script begins with."""
        say = self.subject.view.spoken.say
        title = printable(" ".join(self.subject.view.title.split()))
        yield f"# {title}\n"
        told = say(
            "{target} computes the values and gradients, and asserts them.", target=self.title
        )
        if self.forward is not None:
            told = say(
                "{target} computes the values and tangents in forward mode, and asserts them.",
                target=self.title,
            )
        yield f"# {told}\n"
        updates = self.subject.timeline.updates
        if updates.update is not None:
            iteration = say(
                "iteration {number} of {count}, before its update",
                number=f"{updates.number + 1:,}", count=f"{updates.update.steps:,}",
            )  # fmt: skip
            yield f"# {iteration}\n"
        if self._warning:
            yield f"# {self.subject.view.spoken.retold(self._warning)}\n"
        yield "\n"

    def heading(self, words: str) -> str:
        """A comment between two parts."""
        return f"\n# {printable(words)}\n"

    @property
    def tolerances(self) -> tuple[str, str]:
        """Relative, and absolute beside the largest entry of an array."""
        return ("1e-4", "1e-5") if self.graph.dtype == np.float32 else ("1e-9", "1e-12")

    @property
    def numbers(self) -> str:
        """The line that names infinities, where a literal may have them."""
        return "from math import inf, nan\n" if self._has_infinities else ""

    @cached_property
    def _has_infinities(self) -> bool:
        arrays = [self.trace.value(n.id) for n in self.graph.nodes]
        if self.forward is not None:
            arrays += map(self.tangent, self.graph.nodes)
            return not all(np.isfinite(a).all() for a in arrays)
        for run, after in self.passes():
            arrays += [*after.values(), *([] if run is None else [run.seed])]
        return not all(np.isfinite(a).all() for a in arrays)


def literal(value: Array) -> str:
    """Numbers to the last bit, nested as the array is; a long one has a line for each row."""
    text = repr(value.tolist())
    if value.ndim < 2 or len(text) <= _LONG:
        return text
    rows = [literal(row).replace("\n", "\n    ") for row in value]
    return "[\n    " + ",\n    ".join(rows) + ",\n]"
