"""One application of an op, here and in PyTorch, and where the two differ."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.verify.pytorch.axes import arguments_of
from tui_backprop.verify.pytorch.differences import DIFFERENCES
from tui_backprop.verify.pytorch.peers import peer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.rules.cases import Case
    from tui_backprop.rules.types import Array


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Something that differs.

    Attributes:
        what: ``value``, ``dx`` for the gradient of the operand x, or ``refused``.
        text: the case and its numbers.
    """

    what: str
    text: str


def mismatches(torch: Any, case: Case, operands: tuple[Array, ...], v: Array) -> Iterator[Mismatch]:
    """What differs beyond 10⁻⁹; NaN and infinities must stand in the same places."""
    tried = f"{case}\noperands {operands!r}\nv {v!r}"
    try:
        value, gradients = _by_torch(torch, case, operands, v)
    except (RuntimeError, IndexError, ValueError) as error:
        yield Mismatch("refused", f"{tried}\n{error}")
        return
    y = case.forward(operands)
    if not _agree(y, value, 0.0):
        yield Mismatch("value", f"{tried}\nvalue ours {y!r}\nvalue PyTorch {value!r}")
    if _is_known(case, y, operands):
        return
    for what, ours, theirs in _pulled(case, operands, v, gradients):
        if not _agree(ours, theirs, _size(v)):
            yield Mismatch(what, f"{tried}\n{what} ours {ours!r}\n{what} PyTorch {theirs!r}")


def gradients_differ(torch: Any, case: Case, operands: tuple[Array, ...]) -> bool:
    """Whether some gradient differs for v of ones, known or not."""
    v = np.ones(case.out)
    _, gradients = _by_torch(torch, case, operands, v)
    pulled = _pulled(case, operands, v, gradients)
    return any(not _agree(ours, theirs, _size(v)) for _, ours, theirs in pulled)


def _pulled(
    case: Case, operands: tuple[Array, ...], v: Array, gradients: list[Array | None]
) -> Iterator[tuple[str, Array, Array]]:
    """For each operand that has a derivative: its name, our gradient and PyTorch's."""
    for edge in case.edges:
        ours, theirs = edge.vjp(v, operands), gradients[edge.argument]
        name = case.rule.operands[edge.argument]
        yield f"d{name}", ours, np.zeros_like(ours) if theirs is None else theirs


def _is_known(case: Case, y: Array, operands: tuple[Array, ...]) -> bool:
    """Whether the witness itself states that the gradients differ on these numbers."""
    known = DIFFERENCES.get(case.rule.name)
    return known is not None and known.at(y, *operands, **case.params)


def _by_torch(
    torch: Any, case: Case, operands: tuple[Array, ...], v: Array
) -> tuple[Array, list[Array | None]]:
    """The value, and for each operand ``vᵀJ`` or None where nothing comes back."""
    tensors = [torch.from_numpy(np.array(x, order="C")).requires_grad_() for x in operands]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a NaN is data here
        ordered, named = arguments_of(case.rule, tensors, case.params)
        peer = peer_of(case.rule.name)
        assert peer is not None
        y = peer(torch, *ordered, **named)
        if not y.requires_grad:
            return y.numpy(), [None] * len(tensors)
        seed = torch.from_numpy(np.array(v, order="C"))
        pulled = torch.autograd.grad(y, tensors, seed, allow_unused=True)
    return y.detach().numpy(), [g if g is None else g.numpy() for g in pulled]


def _agree(ours: Array, theirs: Array, scale: float) -> bool:
    """To nine digits, or to what is nothing beside the largest of them and ``scale``."""
    atol = 1e-12 * (_size(ours) + scale)
    return ours.shape == theirs.shape and np.allclose(
        ours, theirs, rtol=1e-9, atol=atol, equal_nan=True
    )


def _size(x: Array) -> float:
    return float(np.abs(x[np.isfinite(x)]).max(initial=0.0))
