"""The nodes of PyTorch's graph behind a loss, what they saved, and why some cannot be walked."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

import torch

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLOATING: Final = (torch.float64, torch.float32, torch.bfloat16, torch.float16)
_LEAF: Final = "AccumulateGrad"


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """What a loss was computed by.

    Attributes:
        loss: the tensor.
        ops: the nodes behind it, the nearest first.
        leaves: the nodes that stand for leaves, in the order in which they were met.
        saved: by node and output number, the value where some node saved it.
    """

    loss: torch.Tensor
    ops: tuple[Any, ...]
    leaves: tuple[Any, ...]
    saved: dict[tuple[Any, int], torch.Tensor]


def unwatched() -> Any:
    """While inside, nothing that PyTorch is asked for is recorded: it is we who ask."""
    return torch._C.DisableTorchFunction()  # noqa: SLF001 - pinned by a test


def maker(tensor: torch.Tensor) -> Any:
    """The node that made a tensor.

    None of a leaf, and of a view that nobody may use again: its base has been changed in place.
    """
    try:
        return tensor.grad_fn
    except RuntimeError:
        return None


def is_made_by_none(tensor: torch.Tensor) -> bool:
    """Whether a tensor is a leaf; a view that nobody may use again is none."""
    try:
        return bool(tensor.is_leaf)
    except RuntimeError:
        return False


def is_leaf(node: Any) -> bool:
    """Whether a node stands for a leaf, into whose ``.grad`` it accumulates."""
    return str(node.name()).endswith(_LEAF)


def is_reentrant(node: Any) -> bool:
    """Whether a node runs a backward pass of its own, as a reentrant checkpoint does."""
    is_own = isinstance(node, torch.autograd.function.BackwardCFunction)
    return is_own and "CheckpointFunctionBackward" in str(node.name())


def kind_of(node: Any) -> type | None:
    """The Function that a node belongs to; None of PyTorch's own nodes."""
    if not isinstance(node, torch.autograd.function.BackwardCFunction):
        return None
    found: type = node._forward_cls  # noqa: SLF001 - pinned by a test
    return found


def op_name(node: Any) -> str:
    """What a node is called: ``addmm`` for ``AddmmBackward0``."""
    return _spelled(str(node.name()))


@lru_cache(maxsize=1024)
def _spelled(name: str) -> str:
    plain = name.rpartition("::")[2].rstrip("0123456789").removesuffix("Backward")
    spelled = "".join(
        f"_{c.lower()}" if c.isupper() and k and not plain[k - 1].isupper() else c.lower()
        for k, c in enumerate(plain)
    )
    return spelled if spelled.isidentifier() and spelled.isascii() else "op"


def every_node(*roots: Any) -> Iterator[Any]:
    """Some nodes and all behind them, leaves too, each once and the nearest first."""
    seen = set(roots)
    waiting = list(dict.fromkeys(roots))
    for node in waiting:
        yield node
        for parent, _ in node.next_functions:
            if parent is not None and parent not in seen:
                seen.add(parent)
                waiting.append(parent)


def nodes_behind(loss: torch.Tensor) -> Nodes:
    """Every node behind a loss.

    Raises:
        ArgumentError: the graph cannot be walked; one sentence says why and what helps.
    """
    _check_loss(loss)
    ops, leaves = [], []
    saved: dict[tuple[Any, int], torch.Tensor] = {(loss.grad_fn, loss.output_nr): loss}
    for node in every_node(loss.grad_fn):
        if is_leaf(node):
            leaves.append(node)
            continue
        ops.append(node)
        _check_numbers(node)
        for tensor in _saved_by(node):
            made_by = maker(tensor)
            if made_by is not None:
                saved.setdefault((made_by, tensor.output_nr), tensor)
    if not leaves:
        raise ArgumentError(said("no leaf that requires a gradient stands behind the loss"))
    return Nodes(loss, tuple(ops), tuple(leaves), saved)


def _check_loss(loss: object) -> None:
    if not isinstance(loss, torch.Tensor):
        raise ArgumentError(
            said(
                "expected the tensor that backward() is called on, not {found}",
                found=f"{loss!r:.60}",
            )
        )
    if loss.is_meta:
        raise ArgumentError(said("a tensor on the device 'meta' holds no numbers to walk over"))
    if loss.grad_fn is None:
        raise ArgumentError(
            said(
                "the loss has no graph (it is a leaf itself): was it made under no_grad(), from "
                "constants, or detached?"
            )
            if loss.requires_grad
            else said(
                "the loss has no graph: was it made under no_grad(), from constants, or detached?"
            )
        )


def _check_numbers(node: Any) -> None:
    for output in node._input_metadata:  # noqa: SLF001 - pinned by a test
        if output.dtype.is_complex:
            raise ArgumentError(
                said(
                    "{op} gives complex numbers, whose gradients this walk cannot show: split them "
                    "into torch.view_as_real parts",
                    op=op_name(node),
                )
            )
        if output.device.type == "meta":
            raise ArgumentError(
                said("{op} is on the device 'meta', which holds no numbers", op=op_name(node))
            )


@lru_cache(maxsize=4096)
def _saved_names(kind: Any) -> tuple[str, ...]:
    return tuple(n for n in dir(kind) if n.startswith("_saved_") and not n.endswith("_strides"))


def _saved_by(node: Any) -> Iterator[torch.Tensor]:
    """The tensors that a node saved.

    Raises:
        ArgumentError: they are gone, or are not what they were.
    """
    try:
        if isinstance(node, torch.autograd.function.BackwardCFunction):
            found: tuple[Any, ...] = node.saved_tensors
        else:
            found = tuple(getattr(node, name) for name in _saved_names(node.__class__))
    except RuntimeError as error:
        _refuse(node, str(error))
    for item in found:
        if isinstance(item, torch.Tensor):
            yield item
        elif isinstance(item, list | tuple):
            yield from (t for t in item if isinstance(t, torch.Tensor))


def _refuse(node: Any, message: str) -> NoReturn:
    if "inplace operation" in message or "in-place operation" in message:
        raise ArgumentError(
            said(
                "a tensor that {op} saved for its backward was changed in place since, so its "
                "gradient would be wrong; PyTorch says: {text}",
                op=op_name(node),
                text=message.partition(".")[0],
            )
        )
    raise ArgumentError(
        said(
            "this graph was freed by backward() ({op} has lost what it saved): call this before "
            "backward(), or call backward(retain_graph=True)",
            op=op_name(node),
        )
    )


def number_type(nodes: Nodes) -> Any:
    """The NumPy dtype that holds the numbers of every node without rounding."""
    found = {o.dtype for n in nodes.ops for o in n._input_metadata}  # noqa: SLF001 - as above
    found |= {leaf.variable.dtype for leaf in nodes.leaves}
    is_wide = any(d is torch.float64 or d not in _FLOATING for d in found)
    return "float64" if is_wide else "float32"
