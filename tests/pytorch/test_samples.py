"""PyTorch's own sample inputs: what a program accepts agrees, and nearly all of it is accepted.

``python -m tests.pytorch.mapped`` tells what is refused, and why.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import pytest

from tests.pytorch.mapped import MAPPED
from tests.pytorch.samples import Tally, entries, tally
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from tests.pytorch.samples import Mapped

torch = pytest.importorskip(
    "torch", reason="PyTorch is an optional witness: pip install '.[torch]'"
)
pytest.importorskip("expecttest", reason="PyTorch's samples need it: pip install expecttest")

pytestmark = pytest.mark.exhaustive  # some six thousand samples

_SHARE: Final = 0.95
"""Of the samples that programs accept, of all ops together."""


@cache
def _tally(mapped: Mapped) -> Tally:
    return tally(torch, mapped) if mapped.info in entries() else Tally()


@pytest.mark.parametrize("mapped", MAPPED, ids=lambda m: f"{m.ours}-{m.info}")
def test_samples_agree(mapped: Mapped) -> None:
    """Values and gradients to nine digits, but for those that are stated."""
    found = _tally(mapped)
    most, reason = mapped.differs
    assert len(found.differing) <= most, "\n".join([reason, *found.differing[:3]])
    assert len(found.differing) >= min(most, 1), f"no longer differs: {reason}"


def test_nearly_all_samples_are_accepted() -> None:
    """Of the functions that have a name here."""
    found = [_tally(mapped) for mapped in MAPPED]
    total = sum(t.total for t in found)
    refused = [f"{m.ours}: {t.refused}" for m, t in zip(MAPPED, found, strict=True) if t.refused]
    assert sum(t.refused.total() for t in found) <= (1 - _SHARE) * total, "\n".join(refused)


def test_rows_are_of_ops_that_there_are() -> None:
    """Of each at least one."""
    words = {w for m in MAPPED for w in m.ours.replace("(", " ").split()}
    assert {m.ours for m in MAPPED if "(" not in m.ours} <= {*RULES}
    assert len(words & {*RULES}) > 100
