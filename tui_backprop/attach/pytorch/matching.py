"""Which row of the op table a node is, by its numbers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import torch

from tui_backprop.attach.agreement import Applied, agrees
from tui_backprop.attach.pytorch.ops import EXACT, NodeOp, array
from tui_backprop.attach.pytorch.reading import NO_CALL
from tui_backprop.attach.pytorch.recognition import recognised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.attach.pytorch.numbers import Origin
    from tui_backprop.attach.pytorch.reading import Call, Constant, Recognised
    from tui_backprop.rules.foreign import ForeignOp
    from tui_backprop.rules.types import Array

_NUMBERS: Final = (
    torch.float64, torch.float32, torch.int64, torch.int32, torch.uint8, torch.bool
)  # fmt: skip


class Met(NamedTuple):
    """A node of PyTorch's with its numbers.

    Attributes:
        op: it, as an op that is asked.
        node: PyTorch's.
        output: which of its outputs this is; None where it is not one alone.
        parents: of each operand that a gradient reaches, its node on the tape.
        value: None where it is not known.
        v: what arrived.
        passed_on: what went on to each parent.
        origin: where these two are from; None of a hook, which is no node.
    """

    op: ForeignOp
    node: Any
    output: int | None
    parents: Sequence[int]
    value: Array | None
    v: Array
    passed_on: Sequence[Array]
    origin: Origin | None


class Known(NamedTuple):
    """A row of the op table that such a node may be.

    Attributes:
        found: the row.
        applied: the row on the node's numbers.
        passed_on: what went on, by argument of the row.
        edges: of these arguments, which parents they are.
    """

    found: Recognised
    applied: Applied
    passed_on: dict[int, Array]
    edges: tuple[int, ...]


class Matching:
    """Finds rows for the nodes of one tape.

    Attributes:
        values: of the tape, by node id; they are appended to while nodes are looked at.
        dtype: of the tape.
    """

    def __init__(
        self, values: Sequence[Array | None], dtype: np.dtype[Any], *, is_copying: bool
    ) -> None:
        self.values = values
        self.dtype = dtype
        self._is_copying = is_copying

    def row_of(self, met: Met, op: NodeOp, call: Call) -> Known | None:
        """The op of the table that a node is, where its numbers are known and say so."""
        is_known = met.value is not None and all(self.values[p] is not None for p in met.parents)
        if not is_known or met.output is None:
            return None
        for found in recognised(met.node, met.output, call):
            known = self._known(met, op, found)
            if known is not None and agrees(
                known.applied, met.v, known.passed_on, partial(self._asked, op, known.edges)
            ):
                return known
        return None

    def _known(self, met: Met, op: NodeOp, found: Recognised) -> Known | None:
        """A row with the values of its operands; None where one of them is no number of ours."""
        values, passed_on, edges = [], {}, []
        for argument, given in enumerate(found.operands):
            if isinstance(given, int):
                if given not in op.operands:
                    return None
                at = op.operands.index(given)
                passed_on[argument] = met.passed_on[at]
                edges.append(at)
                value = self.values[met.parents[at]]
            else:
                value = self._exact(given)
            if value is None:
                return None
            values.append(value)
        if met.value is None or len(edges) != len(op.operands):
            return None  # what PyTorch differentiates by must be an operand
        applied = Applied(found.rule, found.params, tuple(values), met.value, op.precision)
        return Known(found, applied, passed_on, tuple(edges))

    def _asked(self, op: ForeignOp, edges: Sequence[int], v: Array) -> list[Array]:
        found = op.vjp(v)
        return [found[at].astype(self.dtype) for at in edges]

    def _exact(self, given: Constant) -> Array | None:
        """The numbers of a constant; None where the walk's dtype cannot hold them."""
        if not isinstance(given.value, torch.Tensor):
            return np.asarray(given.value, dtype=self.dtype)
        if given.value.dtype not in _NUMBERS:
            return None
        found = array(given.value, self.dtype, is_copied=self._is_copying)
        is_exact = given.value.dtype is not torch.int64 or not np.any(np.abs(found) >= EXACT)
        return found if is_exact else None

    def parts_of(self, whole: Met, op: NodeOp, parts: Sequence[Met]) -> list[Known] | None:
        """Each output of an op that only cuts its operand up, as an index of its own.

        Args:
            whole: the node, whose one operand it is.
            op: likewise.
            parts: its outputs that are used.
        """
        if len(whole.parents) != 1:
            return None
        found: list[Known] = []
        total = np.zeros_like(whole.passed_on[0])
        operand = self.values[whole.parents[0]]
        for part in parts:
            rows = recognised(part.node, part.output or 0, NO_CALL)
            if part.value is None or operand is None or not rows or rows[0].rule.name != "index":
                return None
            row = rows[0]
            applied = Applied(row.rule, row.params, (operand,), part.value, op.precision)
            if not applied.is_exactly_the_value():
                return None
            share = applied.pulled(0, part.v)
            total += share
            found.append(Known(row, applied, {0: share}, (0,)))
        is_all = np.array_equal(total, whole.passed_on[0], equal_nan=True)
        return found if is_all else None
