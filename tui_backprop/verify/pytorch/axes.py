"""What the table of peers is made of, and how its ops go along the axes that NumPy may name.

In a peer, ``t`` is the module torch, handed in: so the table can be read, and checked to be
complete, where PyTorch is not installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_backprop.rules.rule import Rule

Peer: TypeAlias = Callable[..., Any]
"""``(t, *tensors, **named)`` → the value as PyTorch says it.

Every static argument is given by name, and so is an operand that a call may leave out.
"""

Peers: TypeAlias = Mapping[str, Peer]


def arguments_of(
    rule: Rule, operands: Sequence[Any], params: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a peer after ``t``: operands in order, then parameters by name.

    Of an op that takes one array for a list, the rows of the array.
    """
    family = RULES[rule.name].family
    if family is not None and rule is family.of_rows:
        return [*operands[0]], dict(params)
    optional = () if rule.extras is None else rule.extras.names
    by_name = dict(zip(rule.operands, operands, strict=True)) if optional else {}
    named = {name: x for name, x in by_name.items() if name in optional}
    for k, name in enumerate(rule.operands):
        if name in named and set(rule.domains[k].values) == {0.0, 1.0}:  # torch has truth values
            named[name] = named[name] != 0
    return list(operands[: len(operands) - len(named)]), {**named, **params}


def is_plain(rule: Rule) -> bool:
    """Whether a peer takes the operands of an op as they are, for `arguments_of` to leave alone."""
    family = RULES[rule.name].family
    return (family is None or rule is not family.of_rows) and not (
        rule.extras and rule.extras.names
    )


def same(names: str) -> dict[str, Peer]:
    """Peers that are torch functions of the op's own name, with the same operands."""
    return {name: named(name) for name in names.split()}


class _Named:
    """Torch's function of a name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, t: Any, *tensors: Any) -> Any:
        return self.bound(t)(*tensors)

    def bound(self, t: Any) -> Callable[..., Any]:
        """The function itself."""
        function: Callable[..., Any] | None = getattr(t, self._name, None)
        if function is None:
            raise ValueError(f"it has no function '{self._name}'")
        return function


def named(name: str) -> Peer:
    """Torch's function of that name; a ValueError where it has none."""
    return _Named(name)


def bound(peer: Peer, t: Any) -> Callable[..., Any]:
    """A peer with the module put in: ``(*tensors, **named)`` → the value.

    Raises:
        ValueError: it is torch's function of a name that torch does not have.
    """
    return peer.bound(t) if isinstance(peer, _Named) else partial(peer, t)


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
    """A peer that gives a line for each line, such as a softmax, along NumPy's axes."""

    def peer(t: Any, x: Any, axis: Any, **others: Any) -> Any:
        axes = axes_of(x, axis)
        kept = [a for a in range(x.ndim) if a not in axes]
        order = [*kept, *axes]
        found = line(t, lines_of(x, axes), **others).reshape([x.shape[a] for a in order])
        return found.permute([order.index(a) for a in range(x.ndim)])

    return peer


def axes_of(x: Any, axis: Any) -> list[int]:
    """The axes that NumPy means, ascending, from 0."""
    if axis is None or not x.ndim:  # the first axis of a number is none
        return list(range(x.ndim))
    return sorted(a % x.ndim for a in as_tuple(axis))


def lines_of(x: Any, axes: list[int]) -> Any:
    """Every group of entries that meet as a line along one last axis."""
    kept = [a for a in range(x.ndim) if a not in axes]
    length = prod(x.shape[a] for a in axes)
    return x.permute([*kept, *axes]).reshape([*(x.shape[a] for a in kept), length])


def as_tuple(value: Any) -> tuple[Any, ...]:
    """One or several."""
    return tuple(value) if isinstance(value, tuple | list) else (value,)
