"""What nodes and entries are called when spoken: ``h version 2``, ``w row 1 column 2``.

It stands apart because sentences and arrays must call an entry by one name, as the screen does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.rules.text import application

if TYPE_CHECKING:
    from tui_backprop.render.speech.reader import Reader
    from tui_backprop.render.text.names import Namer
    from tui_backprop.rules.types import Shape


class Naming:
    """Spoken names for the nodes of one graph.

    Attributes:
        namer: how the screen calls them; it says what entries are counted from.
    """

    def __init__(self, namer: Namer, reader: Reader) -> None:
        self.namer = namer
        self._reader = reader
        self._say = reader.language.say

    def label(self, node_id: int) -> str:
        """A node: ``X``, ``h version 2``, ``node 7``, or its number."""
        node = self.namer.graph.nodes[node_id]
        if node.name:
            return self._versioned(*self.namer.parts(node_id))
        if node.literal is not None:
            return self._reader.read(node.text)
        return self._say("node {number}", number=node_id)

    def application(self, node_id: int) -> str:
        """What a node does to its operands: ``2 times X``, ``sum of h, with axis 0``."""
        node = self.namer.graph.nodes[node_id]
        if node.rule is None:
            raise AssertionError("a leaf applies nothing")
        operands = [self.label(parent) for parent in node.parents]
        return self._reader.read(application(node.rule, operands, node.params))

    def entry(self, node_id: int, flat: int) -> str:
        """One entry: ``x 2``, ``w row 1 column 2``, ``h version 2 entry 1``, ``Y``."""
        node = self.namer.graph.nodes[node_id]
        base, version = self.namer.symbol_parts(node_id)
        is_plain = bool(node.name and not version)
        name = self._versioned(base, version) if node.name else self.label(node_id)
        return self._placed(name, node.shape, flat, is_plain=is_plain)

    def cotangent(self, node_id: int, flat: int) -> str:
        """One entry of the vector pulled back through a node: ``v 2``."""
        is_taken = self.namer.binds("v")
        name = self._say("v of {name}", name=self.label(node_id)) if is_taken else "v"
        shape = self.namer.graph.nodes[node_id].shape
        return self._placed(name, shape, flat, is_plain=not is_taken)

    def _versioned(self, base: str, version: str) -> str:
        name = self._reader.name(base)
        return self._say("{name} version {number}", name=name, number=version) if version else name

    def _placed(self, name: str, shape: Shape, flat: int, *, is_plain: bool) -> str:
        places = self.namer.coordinates(shape, flat)
        if not places:
            return name
        if len(places) == 2:
            row, column = places
            return self._say("{name} row {row} column {column}", name=name, row=row, column=column)
        index = self._say(", ").join(map(str, places))
        if len(places) == 1 and is_plain:
            return f"{name} {index}"
        return self._say("{name} entry {index}", name=name, index=index)
