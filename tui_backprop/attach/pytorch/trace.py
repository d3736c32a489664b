"""`attach`: a PyTorch loss as a trace, without running or changing anything twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from tui_backprop.attach.keep import check_keep
from tui_backprop.attach.pytorch.distributed.ddp import averaged
from tui_backprop.attach.pytorch.graph import nodes_behind, number_type, unwatched
from tui_backprop.attach.pytorch.kept import gradients_kept, program_kept
from tui_backprop.attach.pytorch.names import Names, caller
from tui_backprop.attach.pytorch.norms.outline import Outline
from tui_backprop.attach.pytorch.numbers import Held
from tui_backprop.attach.pytorch.once import check_again
from tui_backprop.attach.pytorch.record import record, retained_by
from tui_backprop.attach.pytorch.recording import latest
from tui_backprop.attach.pytorch.tape import tape_of
from tui_backprop.attach.recorded import RecordedTrace
from tui_backprop.collector import collector_paused
from tui_backprop.dataclass import replace
from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from types import FrameType

    from tui_backprop.attach.given import RecordedTape
    from tui_backprop.attach.keep import Keep
    from tui_backprop.attach.pytorch.distributed.ddp import Averages
    from tui_backprop.attach.pytorch.numbers import Numbers


class PyTorchTrace(RecordedTrace):
    """The trace of a PyTorch backward pass."""

    def __init__(
        self,
        tape: RecordedTape,
        numbers: Numbers,
        leaves: Mapping[Any, torch.Tensor],
        averages: Averages,
    ) -> None:
        super().__init__(replace(tape, made_by=f"PyTorch {torch.__version__}"))
        self._numbers = numbers
        pairs = [(leaves[node], grad) for node, grad in numbers.leaves.grad.items()]
        means = [(leaves[node], average.grad) for node, average in averages.of.items()]
        every = [*pairs, *numbers.leaves.others, *means, *averages.others]
        self._gradients = {id(leaf): (leaf, grad) for leaf, grad in every}

    def save(self, path: str | PathLike[str], keep: Keep | None = None) -> None:
        """See `RecordedTrace.save`; the nodes are asked, and nothing changes for the program."""
        with program_kept(), gradients_kept(retained_by(self._numbers.order)):
            super().save(path, keep)

    def grad_of(self, tensor: torch.Tensor) -> torch.Tensor | None:
        """What ``loss.backward()`` would add to ``tensor.grad``, bit for bit.

        Of a parameter that `DistributedDataParallel` averages this is the average, if every rank
        recorded the pass; else the walk's ``all_reduce`` step says that it is this rank's own.
        It averages at the first backward of a forward pass, whatever ``.grad`` holds by then: this
        is what it leaves in an empty one.

        Args:
            tensor: a leaf; or a result, whose gradient is what ``retain_grad()`` would keep.

        Returns:
            A copy; None where nothing arrives.
        """
        if tensor.grad_fn is not None:
            v = self._numbers.came(tensor.grad_fn)
            found = v[tensor.output_nr] if tensor.output_nr < len(v) else None
        else:
            found = self._gradients.get(id(tensor), (tensor, None))[1]
        return None if found is None else found.clone()


def attach(
    loss: torch.Tensor,
    v: torch.Tensor | None = None,
    frame: FrameType | None = None,
    *,
    keep: Keep = "all",
) -> PyTorchTrace:
    """Record the backward pass of a loss and give the walk over it.

    Nothing changes for the program: ``.grad`` is untouched, and the graph can still be used.

    In a distributed program each rank records its own walk. Where all ranks call this at the same
    pass, the average that `DistributedDataParallel` will take is the last step of each parameter;
    a rank that is alone says so there, after it has waited for the others a few seconds.

    Args:
        loss: what ``backward`` would be called on.
        v: as for ``loss.backward(v)``; may be left out for a loss of one number.
        frame: whose variables name the tensors; the caller's where it is left out.
        keep: ``all`` numbers of the pass; or, of a big model, ``norms`` of large arrays: a stretch
            of the pass, run again, gives those that are looked at; where the program's own
            Functions lie in it all of the pass, and hooks of the program run once more then.

    Raises:
        ArgumentError: the graph cannot be walked; one sentence says why and what helps.
    """
    check_keep(keep)
    check_again()
    with unwatched(), program_kept():
        nodes = nodes_behind(loss)
    if v is None and loss.numel() != 1:
        raise ArgumentError(
            said(
                "the loss has shape {shape}: name v, as in loss.backward(v), or reduce it to one "
                "number",
                shape=tuple(loss.shape),
            )
        )
    if v is not None and v.shape != loss.shape:
        raise ArgumentError(
            said(
                "v must have the loss's shape {shape}, not {found}",
                shape=tuple(loss.shape),
                found=tuple(v.shape),
            )
        )
    names = Names(caller(1) if frame is None else frame)
    dtype = np.dtype(number_type(nodes))
    numbers: Numbers
    with collector_paused():
        if keep == "norms":
            numbers = Outline(nodes, v, dtype)
        else:
            with gradients_kept(retained_by(nodes.ops)):
                made = record(nodes, v)
            numbers = Held(nodes, made, dtype)
        with unwatched(), program_kept():
            leaves = {leaf: leaf.variable for leaf in nodes.leaves}
            averages = averaged(nodes.leaves, numbers.leaves.grad)
            tape = tape_of(nodes, numbers, names, latest(), averages.of)
            return PyTorchTrace(tape, numbers, leaves, averages)
