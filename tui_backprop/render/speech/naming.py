"""What nodes, entries and their cotangents are called when a walk is read aloud."""

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
        reader: reads what a name is made of.
    """

    def __init__(self, namer: Namer, reader: Reader) -> None:
        self.namer = namer
        self.reader = reader
        self._say = reader.language.say

    def label(self, node_id: int) -> str:
        """A node: ``X``, ``h version 2``, ``node 7``, or its number."""
        node = self.namer.graph.nodes[node_id]
        if node.name:
            return self._versioned(*self.namer.parts(node_id))
        if node.literal is not None:
            return self.reader.read(node.text)
        return self._say("node {number}", number=node_id)

    def application(self, node_id: int) -> str:
        """What a node does to its operands: ``2 times X``, ``sum of h, with axis 0``."""
        node = self.namer.graph.nodes[node_id]
        if node.rule is None:
            raise AssertionError("a leaf applies nothing")
        operands = [self.label(parent) for parent in node.parents]
        return self.reader.read(application(node.rule, operands, node.params))

    def entry(self, node_id: int, flat: int) -> str:
        """One entry: ``x 2``, ``w row 1 column 2``, ``h version 2 entry 1``, ``Y``."""
        return self._placed(*self.stem(node_id), self.namer.graph.nodes[node_id].shape, flat)

    def stem(self, node_id: int) -> tuple[str, bool]:
        """What all entries of a node begin with, and whether a lone index may follow at once."""
        node = self.namer.graph.nodes[node_id]
        base, version = self.namer.symbol_parts(node_id)
        name = self._versioned(base, version) if node.name else self.label(node_id)
        return name, bool(node.name and not version)

    def cotangent(self, node_id: int, flat: int) -> str:
        """One entry of the vector pulled back through a node: ``v 2``.

        It is the node's gradient, and is called so where the program has a v of its own.
        """
        shape = self.namer.graph.nodes[node_id].shape
        return self._placed(*self.vector_stem(node_id), shape, flat)

    def vector_stem(self, node_id: int) -> tuple[str, bool]:
        """The same as `stem` of the entries of that vector."""
        if self.has_own_v:
            return self._say("The gradient of {name}", name=self.label(node_id)), False
        return "v", True

    @property
    def has_own_v(self) -> bool:
        """Whether the program has a ``v``, or a ``V``, which sounds alike."""
        return self.namer.binds("v") or self.namer.binds("V")

    def _versioned(self, base: str, version: str) -> str:
        name = self.reader.name(base)
        return self._say("{name} version {number}", name=name, number=version) if version else name

    def _placed(self, name: str, is_plain: bool, shape: Shape, flat: int) -> str:
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
