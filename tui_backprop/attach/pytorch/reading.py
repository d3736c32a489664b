"""What a node of PyTorch's saved, read as operands and parameters of an op of the table."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import torch

from tui_backprop.dataclass import dataclass
from tui_backprop.rules import RULES
from tui_backprop.rules.rule import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params, Shape

_NEGATIVE: Final = 1 << 63
"""PyTorch shows a negative number that a node saved as one of 64 bits without a sign."""
_REDUCTIONS: Final = ("none", "mean", "sum")


class Constant(NamedTuple):
    """An operand without a gradient: a tensor, or a number that the program wrote."""

    value: torch.Tensor | float


Given: TypeAlias = "int | Constant"
"""An operand of a recognised op: the number of the node's operand it is, or a constant."""


@dataclass(frozen=True, slots=True, eq=False)
class Recognised:
    """A row of the op table, applied.

    Attributes:
        rule: the row.
        params: its static arguments.
        operands: where each operand comes from, in the row's order.
    """

    rule: Rule
    params: Params
    operands: tuple[Given, ...]


class Call(NamedTuple):
    """The arguments of the call that made a node; None for tensors with a gradient."""

    args: tuple[Any, ...]
    named: Mapping[str, Any]


NO_CALL: Final = Call((), MappingProxyType({}))


class Seen:
    """One output of a node, for a row to read.

    Attributes:
        shape: of the output.
        own: the shape of each operand, by its number; None where it has no gradient.
        output: its number among those of the node.
        call: the arguments that it was called with, as far as they were recorded.
    """

    def __init__(self, node: Any, output: int, call: Call) -> None:
        self._node = node
        self.output = output
        self.call = call
        self.shape: Shape = tuple(node._input_metadata[output].shape)  # noqa: SLF001 - pinned
        self.own = [
            None if parent is None else tuple(parent._input_metadata[k].shape)  # noqa: SLF001 - as above
            for parent, k in node.next_functions
        ]

    @property
    def x(self) -> Shape:
        """The shape of the first operand with a gradient."""
        return next(shape for shape in self.own if shape is not None)

    def saved(self, name: str) -> Any:
        """What the node saved under a name; None where there is no such thing."""
        return _signed(getattr(self._node, f"_saved_{name}", None))

    def argument(self, number: int | None, name: str = "") -> Any:
        """An argument of the call; None where it is not known."""
        if name in self.call.named:
            return self.call.named[name]
        args = self.call.args
        return args[number] if number is not None and number < len(args) else None

    def operand(self, number: int, saved: str, argument: int | None, name: str) -> Given | None:
        """An operand: by its gradient, else as the node saved it, else from the call."""
        if number < len(self.own) and self.own[number] is not None:
            return number
        found = self.saved(saved) if saved else None
        if found is None:
            found = self.argument(argument, name)
        is_value = isinstance(found, torch.Tensor | int | float) and not isinstance(found, bool)
        return Constant(found) if is_value else None


def _signed(found: Any) -> Any:
    if isinstance(found, bool):
        return found
    if isinstance(found, int):
        return found - 2 * _NEGATIVE if found >= _NEGATIVE else found
    if isinstance(found, tuple | list):
        return tuple(_signed(item) for item in found)
    return found


Read: TypeAlias = "Callable[[Seen], Any]"


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """How a kind of node is an op of the table.

    Attributes:
        rule: the op; or the row, out of what is seen.
        operands: what gives each operand, in the op's order; or all of them.
        params: the static arguments by name.
        where: whether the row fits at all.
    """

    rule: str | Callable[[Seen], Rule]
    operands: tuple[Read, ...] | Callable[[Seen], Sequence[Given | None]]
    params: Mapping[str, Read]
    where: Callable[[Seen], bool]

    def read(self, seen: Seen) -> Recognised | None:
        """The op as it was applied; None where the row does not fit, or an operand is missing."""
        if not self.where(seen):
            return None
        of = self.operands
        operands = [read(seen) for read in of] if isinstance(of, tuple) else list(of(seen))
        rule = RULES[self.rule] if isinstance(self.rule, str) else self.rule(seen)
        params = {p.name: p.default for p in rule.parameters if p.default is not REQUIRED}
        params |= {name: read(seen) for name, read in self.params.items()}
        found = tuple(x for x in operands if x is not None)
        if len(found) != len(operands):
            return None
        return Recognised(rule, MappingProxyType(params), found)


def x(number: int = 0, saved: str = "", argument: int | None = None, name: str = "") -> Read:
    """The operand of that number."""
    place = number if argument is None else argument
    return lambda seen: seen.operand(number, saved, place, name)


def given(saved: str) -> Read:
    """An operand that never has a gradient."""
    return lambda seen: Constant(found) if (found := seen.saved(saved)) is not None else None


def saved(name: str, otherwise: Any = None) -> Read:
    """What the node saved, as it is."""

    def read(seen: Seen) -> Any:
        found = seen.saved(name)
        return otherwise if found is None else found

    return read


def constant(value: float) -> Read:
    """A number that the op stands for."""
    return lambda _seen: Constant(value)


def _always(_seen: Seen) -> bool:
    return True


def row(
    rule: str | Callable[[Seen], Rule],
    *operands: Read,
    where: Callable[[Seen], bool] = _always,
    **params: Read,
) -> tuple[Row, ...]:
    """A row: operands, of which one is all there is where none is named, and parameters."""
    return (Row(rule, operands or (x(),), params, where),)


def axis(name: str = "dim") -> Read:
    """The axes that a node saved, counted from the front; None for all of them."""

    def read(seen: Seen) -> Any:
        found = seen.saved(name)
        if found is None or found == ():
            return None
        axes = tuple(
            a % max(len(seen.x), 1) for a in (found if isinstance(found, tuple) else [found])
        )
        return axes[0] if len(axes) == 1 else axes

    return read


def last_axis(name: str = "dim") -> Read:
    """One axis, −1 where it is the last."""
    return lambda seen: -1 if (a := axis(name)(seen)) == len(seen.x) - 1 else a


REDUCED: Final = {"axis": axis(), "keepdims": saved("keepdim", otherwise=False)}


def correction(seen: Seen) -> Any:
    """What is taken off the count of a variance; 1 where nothing was said."""
    found = seen.saved("correction")
    return 1 if found is None else int(found) if float(found).is_integer() else float(found)


def reduction(seen: Seen) -> str:
    """The word for the number that PyTorch has for a reduction."""
    return _REDUCTIONS[seen.saved("reduction")]


def has_not(*names: str) -> Callable[[Seen], bool]:
    """Whether none of these was saved."""
    return lambda seen: all(seen.saved(name) is None for name in names)


def stated(**stated: Any) -> Callable[[Seen], bool]:
    """Whether what was saved is this."""
    return lambda seen: all(seen.saved(name) == value for name, value in stated.items())


def one_for_all(name: str) -> Read:
    """Sizes along axes; one number where they are all the same."""

    def read(seen: Seen) -> Any:
        found = seen.saved(name)
        return found[0] if len(set(found)) == 1 else found

    return read


def is_unscaled(seen: Seen) -> bool:
    """Whether the second operand of a sum is not multiplied first."""
    return seen.saved("alpha") in {None, 1}


def out_shape(seen: Seen) -> Shape:
    """The shape of the output."""
    return seen.shape


def is_along_one(seen: Seen) -> bool:
    """Whether a norm is that of vectors; along two axes NumPy has norms of matrices."""
    return isinstance(axis()(seen), int) or len(seen.x) == 1


def padded(seen: Seen) -> Any:
    """Widths by axis, the first one first; PyTorch names the last one first."""
    widths = seen.saved("pad")
    pairs = [tuple(widths[k : k + 2]) for k in range(0, len(widths), 2)]
    return (*[(0, 0)] * (len(seen.x) - len(pairs)), *reversed(pairs))


def padding(seen: Seen) -> Any:
    """The number that is padded with."""
    found = seen.argument(2, "value")
    return found if isinstance(found, int | float) else 0


def dims(name: str) -> Read:
    """All axes, each counted from the front."""

    def read(seen: Seen) -> Any:
        found = seen.saved(name)
        return tuple(a % len(seen.x) for a in (found if isinstance(found, tuple) else (found,)))

    return read


def _members(seen: Seen) -> list[Given | None]:
    """The operands of a list."""
    listed = seen.argument(0, "tensors")
    given = listed if isinstance(listed, tuple | list) else [None] * len(seen.own)
    return [
        k
        if own is not None
        else None
        if k >= len(given) or given[k] is None
        else Constant(given[k])
        for k, own in enumerate(seen.own)
    ]


def joined(name: str) -> tuple[Row, ...]:
    """A row of an op that takes a list of operands."""

    def rule(seen: Seen) -> Rule:
        family = RULES[name].family
        if family is None:
            raise AssertionError(f"{name} takes any number of operands")
        return family.of(len(seen.own))

    def axis(seen: Seen) -> Any:
        return seen.saved("dim") % len(seen.shape)

    return (Row(rule, _members, {"axis": axis}, lambda seen: len(seen.own) > 1),)


def with_extras(
    name: str, first: Sequence[Read], extras: Mapping[str, Read], params: Mapping[str, Read],
    where: Callable[[Seen], bool] = _always,
) -> tuple[Row, ...]:  # fmt: skip
    """A row of an op that takes further operands where they are given."""

    def given(seen: Seen) -> dict[str, Given]:
        found = {extra: read(seen) for extra, read in extras.items()}
        return {extra: x for extra, x in found.items() if x is not None}

    def rule(seen: Seen) -> Rule:
        names, row = tuple(given(seen)), RULES[name]
        if not names or row.extras is None:
            return row
        return row.extras.of(names)

    def operands(seen: Seen) -> list[Given | None]:
        return [*(read(seen) for read in first), *given(seen).values()]

    return (Row(rule, operands, params, where),)


def _strides(seen: Seen) -> Any:
    found = seen.saved("stride")
    return None if not found or found == seen.saved("kernel_size") else one_for_all("stride")(seen)


WINDOWS: Final[Mapping[str, Read]] = {
    "kernel_size": one_for_all("kernel_size"),
    "stride": _strides,
    "padding": one_for_all("padding"),
    "ceil_mode": saved("ceil_mode"),
}
_CONVOLUTION: Final[Mapping[str, Read]] = {
    **{name: one_for_all(name) for name in ("stride", "padding", "dilation")},
    "groups": saved("groups"),
}


def convolution(axes: int) -> tuple[Row, ...]:
    """A bias without a gradient is not saved, so that its size alone tells that there is one."""
    return with_extras(
        f"conv{axes}d", (x(0, "input"), x(1, "weight")), {"bias": x(2, "", 2, "bias")},
        _CONVOLUTION,
        lambda seen: not seen.saved("transposed") and len(seen.shape) == axes + 2,
    )  # fmt: skip


def even_windows(seen: Seen) -> Any:
    """The windows of a pooling to a given size, where they are all alike."""
    return tuple(n // m for n, m in zip(seen.x[-2:], seen.shape[-2:], strict=True))


def has_even_windows(seen: Seen) -> bool:
    """Whether they are."""
    return all(n % m == 0 for n, m in zip(seen.x[-2:], seen.shape[-2:], strict=True))


def normalized_axes(seen: Seen) -> Any:
    """The last axes, as many as a layer norm was told the lengths of."""
    count = len(seen.saved("normalized_shape"))
    return -1 if count == 1 else tuple(range(-count, 0))


def epsilon(seen: Seen) -> Any:
    """The small number of a layer norm, which its node does not save."""
    return seen.argument(4, "eps")


def batch_axes(seen: Seen) -> Any:
    """All axes but that of the channels."""
    axes = tuple(a for a in range(len(seen.shape)) if a != 1)
    return axes[0] if len(axes) == 1 else axes


def has_no_dropout(seen: Seen) -> bool:
    """Whether attention leaves nothing out at random."""
    return float(seen.saved("dropout_p")) == 0
