"""Models that lie in pieces on several ranks: their backward passes are not recorded.

They gather parameters while a backward pass runs and let go of them again, so that a pass of ours
would leave the program's own without them.
"""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Final

from tui_backprop.attach.pytorch.graph import kind_of
from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from tui_backprop.attach.pytorch.graph import Nodes

_TENSORS: Final = "torch.distributed.tensor."
_MODULES: Final = ("FullyShardedDataParallel", "FSDPModule")


def check_whole(nodes: Nodes) -> None:
    """Refuse what lies in pieces.

    Args:
        nodes: of the loss.

    Raises:
        ArgumentError: it does; the message says what helps.
    """
    leaves = [type(leaf.variable) for leaf in nodes.leaves]
    kinds = [*leaves, *filter(None, map(kind_of, nodes.ops))]
    if any(f"{kind.__module__}.".startswith(_TENSORS) for kind in kinds):
        _refuse(said("a DTensor"))
    loaded = sys.modules.get("torch.distributed.fsdp")
    sharding = tuple(getattr(loaded, name) for name in _MODULES if hasattr(loaded, name))
    if sharding and any(issubclass(type(found), sharding) for found in gc.get_objects()):
        _refuse(said("a model under FSDP"))


def _refuse(what: str) -> None:
    raise ArgumentError(
        said(
            "{what} lies in pieces on several ranks, which a second backward pass would disturb: "
            "debug the model whole, in one process or under DistributedDataParallel",
            what=what,
        )
    )
