"""Resolving claims: which gradients, adjoints and partials the hand-derived numbers are about.

A claim must be about something that has a derivative, with numbers of its shape.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import node_called
from tui_backprop.graph.plan import active_arguments
from tui_backprop.graph.tolerance import Tolerance
from tui_backprop.language.message import said, said_many
from tui_backprop.scenario.claim_fields import AdjointClaimFields, PartialClaimFields
from tui_backprop.scenario.names import as_text, parse_place
from tui_backprop.scenario.report import shown
from tui_backprop.spelling import did_you_mean
from tui_backprop.timeline.trace import Claim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.graph.model import Graph
    from tui_backprop.rules.types import IntArray
    from tui_backprop.scenario.claim_fields import AnyClaim
    from tui_backprop.scenario.kinds import Word
    from tui_backprop.scenario.leaves import Arrays
    from tui_backprop.scenario.report import Report

MOST_ROWS: Final = 1000
"""Rows of partials in one claim: each is a backward pass of its own when it is checked."""

_MOST_VISITS: Final = 2_000_000
"""Nodes that these passes may visit together."""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A node and some of its entries, as a place names them."""

    text: str
    node: int
    entries: IntArray


class ClaimResolver:
    """The claims of one file, now that its graph and its passes are known."""

    def __init__(self, graph: Graph, passes: int, arrays: Arrays, report: Report) -> None:
        self._graph = graph
        self._passes = passes
        self._arrays = arrays
        self._report = report

    def claims(self, declared: tuple[AnyClaim | None, ...] | None) -> tuple[Claim, ...]:
        """The claims without a problem, in the order of the file."""
        return tuple(self._each(declared)) if declared else ()

    def _each(self, declared: tuple[AnyClaim | None, ...]) -> Iterator[Claim]:
        arguments = active_arguments(self._graph)
        nodes = self._graph.nodes
        active = {n.id for n in nodes if n.role is Role.INPUT or arguments[n.id]}
        for one in declared:
            found = None
            if isinstance(one, AdjointClaimFields):
                found = self._adjoint(one, active)
            elif isinstance(one, PartialClaimFields):
                found = self._partial(one, active)
            if found is not None:
                yield found

    def _adjoint(self, declared: AdjointClaimFields, active: set[int]) -> Claim | None:
        part = self._part(declared.of, "grad", active)
        after = self._passes if declared.after is None else declared.after
        if after > self._passes:
            message = said_many(
                self._passes,
                "'backward' has {count} item, there is no item {after}",
                "'backward' has {count} items, there is no item {after}",
                after=after,
            )
            self._report.span(declared.span, message)
            return None
        if part is None:
            return None
        return self._claim(declared, part, None, after)

    def _partial(self, declared: PartialClaimFields, active: set[int]) -> Claim | None:
        if declared.partial is None:
            return None
        of = self._part(declared.partial.of, "node", active)
        wrt = self._part(declared.partial.wrt, "node", active)
        if of is None or wrt is None:
            return None
        most = max(1, min(MOST_ROWS, _MOST_VISITS // len(self._graph.nodes)))
        if of.entries.size > most:
            message = said(
                "{of} has {count} entries, each a row of partials",
                of=shown(of.text),
                count=f"{of.entries.size:,}",
            )
            hint = said(
                "a claim may have {most}: name fewer, such as {example}",
                most=f"{most:,}",
                example=f"{of.text}[0]",
            )
            self._report.span(declared.span, message, hint)
            return None
        return self._claim(declared, of, wrt, self._passes)

    def _claim(
        self,
        declared: AdjointClaimFields | PartialClaimFields,
        of: _Part,
        wrt: _Part | None,
        after: int,
    ) -> Claim | None:
        text = of.text if wrt is None else f"d{of.text}/d{wrt.text}"
        shape = of.entries.shape + (() if wrt is None else wrt.entries.shape)
        if declared.value is None:
            return None
        value = self._arrays.make(declared.value, shape, shown(text))
        if value is None:
            return None
        return Claim(
            text=text,
            value=value,
            node=of.node,
            entries=of.entries,
            wrt=None if wrt is None else wrt.node,
            columns=None if wrt is None else wrt.entries,
            after=after,
            holds=declared.holds is not False,
            tolerance=Tolerance(declared.rtol or 0.0, declared.atol or 0.0),
            by=MappingProxyType({}) if declared.by is None else as_text(declared.by).by_language,
        )

    def _part(self, at: Word | None, kind: str, active: set[int]) -> _Part | None:
        """Entries of a value, or with ``grad`` of an adjoint; None with the problem reported."""
        if at is None:
            return None
        place = parse_place(at, self._graph, self._report)
        if place is None:
            return None
        if place.kind != kind:
            is_gradient = kind == "grad"
            message = (
                said("expected a gradient: {examples}", examples="X.grad, X.grad[1]")
                if is_gradient
                else said("expected a value: {examples}", examples="Y, Y[1]")
            )
            guess = did_you_mean(f"{place.name}.grad") if is_gradient and place.name else ""
            self._report.span(at.span, message, guess)
            return None
        node = node_called(place.name, self._graph, is_gradient=kind == "grad")
        if node is None or node not in active:
            message = said("{name} has no gradient: no input is above it", name=shown(place.name))
            self._report.span(at.span, message)
            return None
        shape = self._graph.nodes[node].shape
        entries = np.arange(self._graph.nodes[node].size).reshape(shape)[place.index]
        index = f"[{','.join(map(str, place.index))}]" if place.index else ""
        suffix = ".grad" if kind == "grad" else ""
        return _Part(f"{place.name}{suffix}{index}", node, np.asarray(entries))
