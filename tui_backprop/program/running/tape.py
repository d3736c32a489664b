"""The tape while it grows: nodes, the names they are bound to, and the limits on both.

The order and the names of nodes are a contract with everything that reads a graph.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.errors import LimitError
from tui_backprop.graph.arrays import frozen
from tui_backprop.graph.model import NO_PARAMS, Node, Role
from tui_backprop.language.message import said
from tui_backprop.program.code.constants import Static, as_operand
from tui_backprop.program.code.folding import COMPARISONS
from tui_backprop.program.running.calls import Calls
from tui_backprop.program.text.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_backprop.graph.model import Span
    from tui_backprop.limits import Limits
    from tui_backprop.program.code.constants import Value
    from tui_backprop.program.code.instructions import Call
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params, Shape


_JOINING: Final = frozenset(("multiply", "maximum", "minimum", "tril", "triu"))


class Tape:
    """Nodes in evaluation order and names for them.

    Attributes:
        nodes: so far.
        elements: of all their values.
        multiplications: of all their ops.
        last: name → what it was last bound to.
        versions: name → how often it was bound.
        calls: what is inside of a composed op, and where it was called.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.nodes: list[Node] = []
        self.elements = 0
        self.multiplications = 0
        self.last: dict[str, Value] = {}
        self.versions: dict[str, int] = {}
        self.calls = Calls()
        self._ids: dict[str, int] = {}

    def leaf(self, name: str, role: Role, shape: Shape) -> Node:
        """A leaf of the scenario."""
        node = Node(len(self.nodes), role, name, name, (), shape)
        self.elements += node.size
        self.nodes.append(node)
        self.bind(name, node)
        return node

    def is_condition(self, node: Node) -> bool:
        """Whether entries hold or do not.

        So does a comparison, what moves its entries, and several that a product or a maximum joins.
        """
        waiting, found = [node], False
        while waiting:
            rule = waiting[-1].rule
            if rule is None:
                return False
            parents = waiting.pop().parents
            if rule.name in COMPARISONS:
                found = True
            elif rule.traits.moves or rule.name in _JOINING:
                waiting += [self.nodes[p] for p in parents]
            else:
                return False
        return found

    def apply(
        self,
        rule: Rule,
        parents: tuple[int, ...],
        params: Params,
        measured: tuple[Shape, int, int],
        text: str,
        span: Span,
        bound: str = "",
    ) -> Node:
        """An op's node, bound if its statement binds it at once.

        ``measured`` are the shape and the size of its result, and its multiplications.

        Raises:
            ProblemError: one node, its elements or its multiplications are more than a limit.
        """
        nodes = self.nodes
        shape, size, cost = measured
        self.elements += size
        self.multiplications += cost
        if (
            len(nodes) >= self.limits.nodes
            or self.elements > self.limits.total_elements
            or self.multiplications > self.limits.multiplications
        ):
            self._refuse(text, span)
        if rule.variants:
            rule = rule.variants.get(self._constants(parents), rule)
        calls, module = self.calls, ""
        if calls.place is not None:  # no name of the program's, and its words for what is in it
            span, text, module, bound = calls.place, calls.text(text), calls.module, ""
        name = self._next_name(bound) if bound else ""
        # All fields in place: this is made 10⁶ times, and defaults would cost it twice the time.
        number = len(nodes)
        node = Node(number, Role.OP, name, text, parents, shape, rule, params, span, None, module)
        nodes.append(node)
        if bound:
            self.last[bound] = node
            self._ids[name] = number
        return node

    def _constants(self, parents: tuple[int, ...]) -> frozenset[int]:
        """The operands behind which no input stands."""
        return frozenset(a for a, parent in enumerate(parents) if self._is_constant(parent))

    def _is_constant(self, node: int) -> bool:
        waiting, seen = [node], {node}
        while waiting:
            found = self.nodes[waiting.pop()]
            if found.role is Role.INPUT:
                return False
            waiting += set(found.parents) - seen
            seen.update(found.parents)
        return True

    def constant(self, static: Static, span: Span) -> Node:
        """The node of a static value that is used as an operand, made once if it has a name.

        Raises:
            ArgumentError: the value is no number.
            ProblemError: one node more is more than a limit.
        """
        if static.node is not None:
            return static.node
        literal = as_operand(static.value)
        shape: Shape = ()
        if not isinstance(literal, float):
            literal, shape = frozen(literal), literal.shape
            self._check_axes(shape, static.text, span)
        self.elements += prod(shape)
        nodes, name = self.nodes, static.name
        if len(nodes) >= self.limits.nodes or self.elements > self.limits.total_elements:
            self._refuse(static.text, span)
        if static.version > 1:
            name = f"{name}@{static.version}"
        number, role, text = len(nodes), Role.CONSTANT, static.text
        span, module = self.calls.place or static.span, self.calls.module
        node = Node(number, role, name, text, (), shape, None, NO_PARAMS, span, literal, module)
        nodes.append(node)
        if name:
            self._ids[name] = node.id
        if static.is_shared:
            static.node = node
        return node

    def begin(self, call: Call, frame: list[Value]) -> None:
        """Put the nodes to come into a composed op, whose names have their values in a frame."""
        self.calls.begin(call, frame, len(self.nodes))

    def end(self, result: Value) -> None:
        """End the composed op that was begun last; if it was one node, that is an op as any."""
        first, module = self.calls.end(result, len(self.nodes))
        if first is not None:
            self.nodes[first] = replace(self.nodes[first], module=module)

    def name(self, static: Static) -> None:
        """Give the node of a list of arrays the name that the list is bound to."""
        node = static.node
        if node is None:
            raise AssertionError("it has its node by now")
        full = static.name if static.version == 1 else f"{static.name}@{static.version}"
        self._ids[full] = node.id
        static.node = self.nodes[node.id] = replace(node, name=full)

    def bind(self, name: str, value: Value) -> None:
        """A name for a value; a node that has none yet takes it as its own.

        Within a composed op names are nobody's to ask for.
        """
        if self.calls.place is not None:
            if isinstance(value, Static):
                value.is_shared = True
            return
        self.last[name] = value
        if isinstance(value, Static):
            version = self.versions[name] = self.versions.get(name, 0) + 1
            value.name, value.version, value.is_shared = name, version, True
            return
        full = self._next_name(name)
        if isinstance(value, Node):
            self._ids[full] = value.id
            node = self.nodes[value.id]
            if not node.name:
                self.nodes[value.id] = replace(node, name=full)

    def take_names(self, names: Iterable[str], nodes: Iterable[int]) -> None:
        """Names that nodes were made with, each another version, in the order of the nodes."""
        self._ids.update(zip(names, nodes, strict=True))

    def names(self) -> dict[str, int]:
        """Every name → node id: ``h`` is the last binding, ``h@1``, ``h@2`` each of several."""
        found: dict[str, int] = {}
        for name, value in self.last.items():
            node = value.node if isinstance(value, Static) else value
            if isinstance(node, Node):
                found[name] = node.id
        for full, node_id in self._ids.items():
            if "@" in full:
                found[full] = node_id
            elif self.versions[full] > 1:
                found[f"{full}@1"] = node_id
        return found

    def _next_name(self, name: str) -> str:
        version = self.versions[name] = self.versions.get(name, 0) + 1
        return name if version == 1 else f"{name}@{version}"

    def _check_axes(self, shape: Shape, text: str, span: Span) -> None:
        try:
            self.limits.check("axes", len(shape), said("'{text}'", text=text))
        except LimitError as error:
            raise ProblemError(span, str(error)) from None

    def _refuse(self, text: str, span: Span) -> None:
        """Say which limit one more node is over."""
        try:
            self.limits.check("nodes", len(self.nodes) + 1, said("the graph"))
            self.limits.check(
                "total_elements", self.elements, said("with '{text}', all values", text=text)
            )
            what = said("with '{text}', the forward pass", text=text)
            self.limits.check("multiplications", self.multiplications, what)
        except LimitError as error:
            raise ProblemError(span, str(error), is_final=True) from None
