"""Graphs that run backward only once: a pass of ours would take the program's own away."""

from __future__ import annotations

import gc

import torch.utils.checkpoint

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said


def check_again() -> None:
    """Refuse where a selective checkpoint waits for its one backward pass.

    It hands out what it kept as the pass comes by, so that not even what nodes have saved may be
    looked at before.

    Raises:
        ArgumentError: one does.
    """
    keeper = getattr(torch.utils.checkpoint, "_CachedTorchDispatchMode", None)
    if keeper is not None and any(type(x) is keeper for x in gc.get_referrers(keeper)):
        raise ArgumentError(
            said(
                "a selective checkpoint allows one backward pass, which the program needs: debug "
                "it with a checkpoint that has no context_fn, or without one"
            )
        )
