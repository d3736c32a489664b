"""One application of an op, as the words of a target are filled with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_backprop.rules.shapes import normal_axes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_backprop.graph.model import Node
    from tui_backprop.rules.types import Shape


class UnsaidError(Exception):
    """A target has no words for an op that is called so."""


class Call:
    """An op with its operands as text.

    Attributes:
        node: what it makes.
        operands: how each is written: a name, or a number.
        shapes: of each.
        params: the static arguments.
        shape: of the value.
        result: the name of the value.
    """

    def __init__(
        self, node: Node, operands: Sequence[str], shapes: Sequence[Shape], result: str
    ) -> None:
        self.node = node
        self.operands = tuple(operands)
        self.shapes = tuple(shapes)
        self.params: Mapping[str, Any] = node.params
        self.shape = node.shape
        self.result = result

    def __getitem__(self, key: int | str) -> Any:
        """An operand by its place, a static argument by its name."""
        return self.operands[key] if isinstance(key, int) else self.params[key]

    def get(self, name: str, otherwise: Any = None) -> Any:
        """A static argument, where the op has one of that name."""
        return self.params.get(name, otherwise)

    @property
    def given(self) -> Mapping[str, str]:
        """The operands by the op's own names for them; those that were left out are not there."""
        rule = self.node.rule
        names = () if rule is None else rule.operands
        return dict(zip(names, self.operands, strict=False))

    def only(self, **usual: Any) -> None:
        """Refuse static arguments that are not as usual."""
        for name, value in usual.items():
            if self.params[name] != value:
                raise UnsaidError

    @property
    def axes(self) -> int | tuple[int, ...] | None:
        """The axes that are named: one, several or none, as NumPy takes them."""
        found = self.params["axis"] if self.shapes[0] else None  # a number has no axis to name
        return tuple(found) if isinstance(found, tuple | list) else found

    @property
    def all_axes(self) -> tuple[int, ...]:
        """All that are meant, from 0."""
        return tuple(normal_axes(self.params["axis"], self.shapes[0]))

    @property
    def axis(self) -> int:
        """The one axis that is meant; of a vector the one that it has."""
        found = self.all_axes
        if len(found) != 1:
            raise UnsaidError
        return found[0]

    @property
    def kept(self) -> Shape:
        """The operand's shape with the reduced axes kept."""
        return tuple(1 if a in self.all_axes else n for a, n in enumerate(self.shapes[0]))


def key_text(key: Any, of_list: str) -> str:
    """An index as code, such as ``1:, ::2``; lists as ``of_list`` has them."""
    parts = key if isinstance(key, tuple) else (key,)
    return ", ".join(_part(part, of_list) for part in parts) or "()"


def _part(part: Any, of_list: str) -> str:
    if isinstance(part, slice):
        ends = ["" if end is None else str(end) for end in (part.start, part.stop)]
        step = "" if part.step is None else f":{part.step}"
        return ":".join(ends) + step
    if part is Ellipsis:
        return "..."
    if part is None or isinstance(part, int):
        return repr(part)
    if isinstance(part, list | tuple):
        return of_list.format([*part])
    raise UnsaidError
