"""Whether all ranks of a distributed program look at the same backward pass, asked without waiting.

A collective that not every rank calls never ends. The ranks therefore meet at the key-value store
of their group before one is called: the first decision that is written there holds for all of them,
and who waits too long decides that each walks alone.
"""

from __future__ import annotations

from hashlib import sha256
from time import monotonic, sleep
from typing import Any, Final

import torch
from torch import distributed

from tui_backprop.attach.pytorch.graph import kind_of

_PATIENCE: Final = 5.0
"""Seconds that a rank waits for the others."""
_LESS_PATIENCE: Final = 1.0
"""Seconds that it waits once somebody has waited in vain: a program that looks into one rank only
does so again and again."""
_PAUSE: Final = 0.005
_GO: Final = "go"
_ALONE: Final = "alone"


def are_many() -> bool:
    """Whether this is one of several processes that work together."""
    is_one_of_many = distributed.is_available() and distributed.is_initialized()
    return bool(is_one_of_many and distributed.get_world_size() > 1)


def sends(node: Any) -> bool:
    """Whether a node's backward waits for the other ranks, as that of ``SyncBatchNorm`` does."""
    kind = kind_of(node)
    if kind is None or "c10d" in str(node.name()):
        return "c10d" in str(node.name())
    is_theirs = kind.__module__.startswith("torch.distributed.")
    return is_theirs or kind is torch.nn.modules._functions.SyncBatchNorm  # noqa: SLF001 - pinned by a test


def meet(group: Any, purpose: str, terms: str, flags: str = "") -> str | None:
    """Which flags some rank of a group has set, if all of them ask here and now.

    They stand at the same place if the group has run as many collectives on each of them: one that
    they call next is the same one.

    Args:
        group: the process group.
        purpose: of the meeting, of which there is one for each at a place.
        terms: what must be equal on all ranks.
        flags: a letter for each, ``0`` or ``1``; as many on all ranks.

    Returns:
        The flags; None if a rank did not come or has other terms, and then it is None on all ranks.
    """
    try:
        return _met(group, purpose, sha256(terms.encode()).hexdigest(), flags)
    except (RuntimeError, ValueError):  # no store, no count of collectives, or a rank has gone
        return None


def _met(group: Any, purpose: str, terms: str, flags: str) -> str | None:
    store = distributed.distributed_c10d._get_default_store()  # noqa: SLF001 - pinned by a test
    of_group = f"tui_backprop/{group.group_name}"
    passed = group._get_sequence_number_for_group()  # noqa: SLF001 - as above
    place = f"{of_group}/{passed}/{purpose}"
    ranks = [f"{place}/{rank}" for rank in range(group.size())]
    own = ranks[group.rank()]
    if store.check([own]):  # it was here before: what was decided then was about another loss
        return None
    store.set(own, f"{terms} {flags}")
    decision, missed = f"{place}/decision", f"{of_group}/missed"
    if store.add(f"{place}/count", 1) == len(ranks):
        store.compare_set(decision, "", _decided([store.get(rank).decode() for rank in ranks]))
    elif not _waits(store, decision, _LESS_PATIENCE if store.check([missed]) else _PATIENCE):
        store.set(missed, "yes")
    word, _, found = store.compare_set(decision, "", _ALONE).decode().partition(" ")
    return found if word == _GO else None


def _decided(told: list[str]) -> str:
    """The decision, out of the terms and flags of all ranks."""
    terms, flags = zip(*(one.split(" ") for one in told), strict=True)
    if len(set(terms)) > 1:
        return _ALONE
    return f"{_GO} {''.join(map(max, zip(*flags, strict=True)))}"


def _waits(store: Any, key: str, patience: float) -> bool:
    """Wait for a key; whether it came."""
    late = monotonic() + patience
    while not store.check([key]):
        if monotonic() > late:
            return False
        sleep(_PAUSE)
    return True
