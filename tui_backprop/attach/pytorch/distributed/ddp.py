"""The average over ranks that ``DistributedDataParallel`` takes after a backward pass.

It averages once for each forward pass, and that belongs to the program: here its own buckets are
filled with copies and sent in the way it sends them, so that the numbers are its own to the last
bit and the program's average is still to come.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import torch

from tui_backprop.attach.pytorch.distributed.ranks import are_many, meet
from tui_backprop.attach.pytorch.graph import kind_of
from tui_backprop.dataclass import dataclass
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


_ALONE: Final = said("the other ranks did not record this pass")
_UNUSUAL: Final = said("DistributedDataParallel sends it in a way that cannot be repeated here")
_INCOMPLETE: Final = said(
    "a parameter is not part of the loss, and find_unused_parameters is not set"
)
_PLAIN: Final = frozenset(["allreduce_hook", "fp16_compress_hook", "bf16_compress_hook"])
"""PyTorch's communication hooks that remember nothing."""
_BUILT_IN: Final = frozenset(["BuiltinCommHookType.ALLREDUCE", "BuiltinCommHookType.FP16_COMPRESS"])


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """What becomes of one leaf's gradient.

    Attributes:
        ranks: how many there are.
        grad: the average; this rank's own where that is not known.
        reason: why it is not.
    """

    ranks: int
    grad: torch.Tensor
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Averages:
    """What becomes of all gradients that are averaged.

    Attributes:
        of: by the leaf's node, of those to which something arrives on this rank.
        others: leaves to which only other ranks' gradients arrive, with these.
    """

    of: Mapping[Any, Average]
    others: Sequence[tuple[torch.Tensor, torch.Tensor]]


def averaged(leaves: Iterable[Any], grads: Mapping[Any, torch.Tensor]) -> Averages:
    """Average the gradients of a recorded pass over the ranks, if every rank recorded it.

    Args:
        leaves: the nodes of all leaves behind the loss.
        grads: by the leaf's node, of those to which something arrives.
    """
    nodes = {id(leaf.variable): leaf for leaf in leaves}
    modules = [m for m in averaging() if any(id(p) in nodes for p in _parameters(m))]
    if not modules:
        return Averages({}, ())
    with torch.no_grad():
        own = {id(leaf.variable): grad for leaf, grad in grads.items()}
        found = _sent(modules, own, set(nodes))
    if isinstance(found, str):
        reason, found = found, {}
    else:
        reason = ""
    of = {}
    for module in modules:
        ranks = module.process_group.size()
        for p in _parameters(module):
            if id(p) in own:
                _, grad = found.get(id(p), (p, own[id(p)]))
                of[nodes[id(p)]] = Average(ranks, grad, reason)
    return Averages(of, [pair for key, pair in found.items() if key not in own])


def averaging() -> list[Any]:
    """The program's modules that will average gradients over several ranks."""
    if not are_many():
        return []
    kind = torch.nn.parallel.DistributedDataParallel
    return [
        module
        for module in gc.get_objects()
        if issubclass(type(module), kind)
        # Its last forward pass decided that; under no_sync() the gradients stay a rank's own.
        and module.require_forward_param_sync
        and module.process_group.size() > 1
    ]


def _parameters(module: Any) -> list[torch.Tensor]:
    """Those that a module averages."""
    return list(module._module_parameters)  # noqa: SLF001 - pinned by a test


def _sent(
    modules: Sequence[Any], grads: Mapping[int, torch.Tensor], ready: set[int]
) -> dict[int, tuple[torch.Tensor, torch.Tensor]] | str:
    """The averages by ``id`` of the parameter; or why they cannot be had.

    Whatever may fail comes before the ranks meet: afterwards each of them relies on the others.
    """
    try:
        filled = sorted((_Filled(m, grads, ready) for m in modules), key=lambda f: f.terms)
    except (RuntimeError, _UnusualError):
        return _UNUSUAL
    groups = {f.module.process_group.group_name for f in filled}
    if len(groups) > 1 or len({f.terms for f in filled}) < len(filled):
        return _UNUSUAL  # which of the ranks' modules belong together is not known
    if not all(f.is_complete for f in filled):
        return _INCOMPLETE
    terms = "\n".join(f.terms for f in filled)
    group, own = filled[0].module.process_group, "".join(f.used for f in filled)
    used = meet(group, "average", terms, own)
    if used is None:
        return _ALONE
    found: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
    each = iter(used)
    try:
        for one in filled:
            found |= {id(p): (p, grad) for p, grad in one.send() if next(each) == "1"}
    except RuntimeError:  # a rank has gone, and with it the group
        return _ALONE
    return found


class _UnusualError(Exception):
    """A module averages in a way that is not known here."""


class _Filled:
    """A module with copies of its buckets, in which the gradients lie.

    Attributes:
        module: which.
        terms: what must be equal on all ranks so that they can average.
        used: a letter for each parameter: 1 if it has a gradient here, or will have one anyway.
        is_complete: whether the module will average at all.
    """

    def __init__(self, module: Any, grads: Mapping[int, torch.Tensor], ready: set[int]) -> None:
        self.module = module
        hook = _hook_of(module)
        self._buckets = module.reducer._get_zeros_like_grad_buckets()  # noqa: SLF001 - pinned by a test
        may_be_unused = module.find_unused_parameters or module.static_graph
        pairs = [pair for bucket in self._buckets for pair in _pairs(bucket)]
        for parameter, place in pairs:
            grad = grads.get(id(parameter))
            if grad is not None and hook:
                place.copy_(grad)
            elif grad is not None:
                torch.mul(grad, 1.0 / module.process_group.size(), out=place)
        self.used = "".join("1" if id(p) in grads or not may_be_unused else "0" for p, _ in pairs)
        self.is_complete = may_be_unused or all(id(p) in ready for p, _ in pairs)
        shapes = [[(tuple(g.shape), str(g.dtype)) for g in b.gradients()] for b in self._buckets]
        self.terms = repr((hook, may_be_unused, shapes))

    def send(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Average with the other ranks: parameters and their gradients."""
        for bucket in self._buckets:
            future = self.module.reducer._run_comm_hook(bucket)  # noqa: SLF001 - pinned by a test
            future.wait()
            found = future.value()
            whole = found[0] if isinstance(found, list | tuple) else found
            bucket.buffer().copy_(whole.view_as(bucket.buffer()))
            yield from _pairs(bucket)


def _pairs(bucket: Any) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The parameters of a bucket, and where their gradients lie in it."""
    return list(zip(bucket.parameters(), bucket.gradients(), strict=True))


def _hook_of(module: Any) -> str:
    """Which communication hook a module has; nothing where it has none.

    Raises:
        _UnusualError: one that may remember what it sent; or the module averages by other means.
    """
    is_usual = module.mixed_precision is None and not (
        module._use_python_reducer  # noqa: SLF001 - pinned by a test
        or module._join_config.enable  # noqa: SLF001 - as above
        or module._delay_all_reduce_params  # noqa: SLF001 - as above
    )
    hooks = [hook for hook, _ in module._comm_hooks]  # noqa: SLF001 - as above
    name = str(module._get_ddp_logging_data().get("comm_hook") or "")  # noqa: SLF001 - as above
    is_plain = all(
        hook.__module__.endswith("ddp_comm_hooks.default_hooks") and hook.__name__ in _PLAIN
        for hook in hooks
    )
    if not is_usual or not is_plain or (name and not hooks and name not in _BUILT_IN):
        raise _UnusualError
    return name


@contextmanager
def undelayed(nodes: Iterable[Any]) -> Iterator[None]:
    """A pass of ours is not the one after which a module of a static graph averages at first."""
    own = [node for node in nodes if kind_of(node) is not None]
    modules = [node.ddp_weakref() for node in own if str(node.name()) == "_DDPSinkBackward"]
    modules = [module for module in modules if module is not None and module.static_graph]
    kept = [module._static_graph_delay_allreduce_enqueued for module in modules]  # noqa: SLF001 - pinned by a test
    try:
        for module in modules:
            module._static_graph_delay_allreduce_enqueued = True  # noqa: SLF001 - as above
        yield
    finally:
        for module, was in zip(modules, kept, strict=True):
            module._static_graph_delay_allreduce_enqueued = was  # noqa: SLF001 - as above
