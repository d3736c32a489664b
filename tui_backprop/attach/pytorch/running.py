"""Stop somebody's program at one of its backward passes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from tui_backprop.attach.pytorch.graph import every_node, is_leaf
from tui_backprop.attach.pytorch.names import caller
from tui_backprop.attach.pytorch.recording import recording
from tui_backprop.attach.pytorch.trace import attach
from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.attach.keep import Keep
    from tui_backprop.attach.pytorch.trace import PyTorchTrace


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which backward pass is to be looked at.

    Attributes:
        at: the how-manieth, from 1; with ``not_finite`` the first that counts.
        not_finite: whether it must be one that leaves a gradient that is not finite.
        keep: what of its numbers.
    """

    at: int = 1
    not_finite: bool = False
    keep: Keep = "all"


@contextmanager
def stopping(wanted: Wanted, show: Callable[[PyTorchTrace, int], None]) -> Iterator[list[int]]:
    """While inside, the wanted call of ``backward()`` is shown before the program goes on.

    Args:
        wanted: which one.
        show: told the walk, and how many passes there were with it.

    Yields:
        A list that holds the number of the pass that was shown, once one was.
    """
    backward = torch.autograd.backward
    shown: list[int] = []
    count = 0
    with recording() as notes:

        def watched(tensors: Any, grad_tensors: Any = None, *more: Any, **named: Any) -> None:
            nonlocal count
            loss, v = _one(tensors), _one(grad_tensors)
            if shown:
                backward(tensors, grad_tensors, *more, **named)
                return
            done = () if _is_kept(more, named) else _numbers(tensors)
            if getattr(loss, "grad_fn", None) is None:
                notes.passed(done)
                backward(tensors, grad_tensors, *more, **named)
                return
            count += 1
            if wanted.not_finite:
                # Kept until it is clear that nobody wants to look; it goes with the loss.
                backward(tensors, grad_tensors, **_keeping(more, named))
                is_wanted = count >= wanted.at and not _is_finite(loss)
            else:
                is_wanted = count == wanted.at
            if is_wanted:
                shown.append(count)
                show(attach(loss, v, caller(1), keep=wanted.keep), count)
                notes.end()
            else:
                notes.passed(done)
            if not wanted.not_finite:
                backward(tensors, grad_tensors, *more, **named)

        torch.autograd.backward = watched
        try:
            yield shown
        finally:
            torch.autograd.backward = backward


def _one(tensors: Any) -> Any:
    """The only tensor of those that a backward pass starts from; None of several."""
    if isinstance(tensors, tuple | list):
        return tensors[0] if len(tensors) == 1 else None
    return tensors


def _arguments(more: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    """The arguments of ``torch.autograd.backward`` behind the first two, by their names."""
    names = ("retain_graph", "create_graph", "grad_variables", "inputs")
    return {**dict(zip(names, more, strict=False)), **named}


def _keeping(more: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    """The same, the graph kept."""
    return {**_arguments(more, named), "retain_graph": True}


def _is_kept(more: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """Whether the program may use the graph once more."""
    given = _arguments(more, named)
    retained = given.get("retain_graph")
    return bool(given.get("create_graph") if retained is None else retained)


def _numbers(tensors: Any) -> frozenset[int]:
    """The sequence numbers of the nodes behind the tensors that a backward pass starts from."""
    every = tensors if isinstance(tensors, tuple | list) else (tensors,)
    roots = [t.grad_fn for t in every if getattr(t, "grad_fn", None) is not None]
    return frozenset(node._sequence_nr() for node in every_node(*roots))  # noqa: SLF001 - pinned by a test


def _is_finite(loss: torch.Tensor) -> bool:
    """Whether the gradients that a backward pass left are finite."""
    for node in every_node(loss.grad_fn):
        if is_leaf(node):
            grad = node.variable.grad
            if grad is not None:
                numbers = grad.coalesce().values() if grad.is_sparse else grad
                if not bool(torch.isfinite(numbers).all()):
                    return False
    return True
