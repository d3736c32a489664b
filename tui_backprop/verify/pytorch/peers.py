"""What a table of peers is made of.

It stands apart because every family of ops has a table of its own. In a peer, ``t`` is the module
torch, handed in: so a table can be read, and held complete, where PyTorch is not installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule

Peer: TypeAlias = Callable[..., Any]
"""``(t, *tensors, **params)`` → the value as PyTorch says it; every static argument is given."""

Peers: TypeAlias = Mapping[str, Peer]


def ask(peer: Peer, t: Any, rule: Rule, tensors: Sequence[Any], params: Mapping[str, Any]) -> Any:
    """What a peer says of operands; those that a call may leave out are given by name."""
    optional = () if rule.extras is None else rule.extras.names
    given = list(zip(rule.operands, tensors, strict=True))
    named = {name: x for name, x in given if name in optional}
    return peer(t, *(x for name, x in given if name not in optional), **named, **params)


def same(names: str) -> dict[str, Peer]:
    """Ops that are functions of torch under the same name, with the same operands."""
    return {name: _named(name) for name in names.split()}


def _named(name: str) -> Peer:
    return lambda t, *tensors: getattr(t, name)(*tensors)


def along(line: Peer) -> Peer:
    """A reduction along the last axis, along all axes that NumPy may name.

    torch reads an empty tuple of axes as all of them, and some reductions take one axis only.

    Args:
        line: ``(t, lines, **others)`` → one number for each line.
    """

    def peer(t: Any, x: Any, axis: Any, keepdims: bool, **others: Any) -> Any:
        axes = axes_of(x, axis)
        found = line(t, lines_of(x, axes), **others)
        return found.reshape([1 if a in axes else n for a, n in enumerate(x.shape)
                              if keepdims or a not in axes])  # fmt: skip

    return peer


def within(line: Peer) -> Peer:
    """The same for what gives a line for each line, such as a softmax."""

    def peer(t: Any, x: Any, axis: Any, **others: Any) -> Any:
        axes = axes_of(x, axis)
        kept = [a for a in range(x.ndim) if a not in axes]
        order = [*kept, *axes]
        found = line(t, lines_of(x, axes), **others).reshape([x.shape[a] for a in order])
        return found.permute([order.index(a) for a in range(x.ndim)])

    return peer


def axes_of(x: Any, axis: Any) -> list[int]:
    """The axes that NumPy means, from 0."""
    if axis is None:
        return list(range(x.ndim))
    return [a % x.ndim for a in (axis if isinstance(axis, tuple | list) else (axis,))]


def lines_of(x: Any, axes: list[int]) -> Any:
    """Every group of entries that meet as a line along one last axis."""
    kept = [a for a in range(x.ndim) if a not in axes]
    length = prod(x.shape[a] for a in axes)
    return x.permute([*kept, *axes]).reshape([*(x.shape[a] for a in kept), length])


def as_tuple(value: Any) -> tuple[Any, ...]:
    """One or several."""
    return tuple(value) if isinstance(value, tuple | list) else (value,)
