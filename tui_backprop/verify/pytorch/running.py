"""A whole graph run and differentiated by PyTorch: numbers, and no judgement.

Only here is the module torch imported, and only when a program is to be run; it may not be
installed.
"""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import TuiBackpropError
from tui_backprop.graph.model import Backward
from tui_backprop.language.message import said
from tui_backprop.verify.pytorch.axes import arguments_of, bound, is_plain
from tui_backprop.verify.pytorch.differences import WITHOUT
from tui_backprop.verify.pytorch.peers import peer_of
from tui_backprop.verify.pytorch.stretches import LENGTH, Stretches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.graph.evaluation import Evaluation
    from tui_backprop.graph.model import Graph, Node
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array
    from tui_backprop.verify.pytorch.numbers import Numbers


_REFUSALS: Final = (RuntimeError, ValueError, TypeError, IndexError)
"""What torch raises where it does not do what is asked, memory that it does not get included."""


class NotRunError(TuiBackpropError):
    """PyTorch says nothing about a program; the message is why."""


class AbsentError(NotRunError):
    """PyTorch is not there; the message says what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """The numbers of a graph as PyTorch computed them.

    Attributes:
        values: of every node, by id.
        grad: gradient by input name after all passes; zeros where nothing reaches an input.
    """

    values: Numbers
    grad: Mapping[str, Array]


def run(evaluation: Evaluation, perturbation: Perturbation | None = None) -> Run:
    """Run a graph with its leaves and passes in PyTorch, in the graph's dtype.

    Args:
        evaluation: what to do again; none of its results is looked at.
        perturbation: what moves every number a little, to see what rounding can do.

    Raises:
        AbsentError: PyTorch is not installed, or cannot be loaded.
        NotRunError: it refuses the program.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # a NaN is data here
        return _Runner(loaded(), evaluation, perturbation).run()


def loaded() -> Any:
    """The module torch.

    Raises:
        AbsentError: it is not installed, or cannot be loaded.
    """
    if find_spec("torch") is None:
        raise AbsentError(said("not installed (pip install torch)"))
    try:
        import torch
    except (ImportError, OSError) as error:
        raise AbsentError(said("cannot be loaded: {reason}", reason=_first_line(error))) from error
    return torch


class _Runner:
    """Holds the leaves of one run, and applies ops to tensors."""

    def __init__(self, t: Any, evaluation: Evaluation, perturbation: Perturbation | None) -> None:
        self._t = t
        self._graph: Graph = evaluation.graph
        self._evaluation = evaluation
        self._perturbation = perturbation
        self._leaves = {name: self._leaf(name) for name in evaluation.leaves}
        self._gradients: dict[str, Any] = {}
        self._literals: dict[str, Any] = {}
        self._peers: dict[Rule, tuple[Callable[..., Any], bool]] = {}

    def run(self) -> Run:
        """Run forward, then every pass."""
        # What is drawn goes on from node to node: a stretch that is made again would draw others.
        length = LENGTH if self._perturbation is None else len(self._graph.nodes)
        stretches = Stretches(self._t, self._graph, self._value, length)
        stretches.forward()
        for item in self._evaluation.passes:
            if isinstance(item, Backward):
                self._pull(stretches, item)
            else:
                self._gradients.clear()
        return Run(stretches.values, {name: self._gradient(name) for name in self._graph.inputs})

    def _leaf(self, name: str) -> Any:
        tensor = self._tensor(self._evaluation.leaves[name])
        return tensor.requires_grad_() if name in self._graph.inputs else tensor

    def _value(self, node: Node, operands: list[Any]) -> Any:
        if node.rule is not None:
            return self._applied(node, node.rule, operands)
        if node.literal is None:
            return self._leaves[node.name]
        if not isinstance(node.literal, float):
            return self._tensor(node.literal)
        key = node.literal.hex()  # a loop has the same number in each turn; 0.0 is not -0.0
        if key not in self._literals:
            self._literals[key] = self._tensor(node.literal)
        return self._literals[key]

    def _applied(self, node: Node, rule: Rule, tensors: list[Any]) -> Any:
        perturbed = (
            None
            if self._perturbation is None
            else PerturbedOperands(self._perturbation, self._t, tensors, not rule.elementwise)
        )
        try:
            if rule not in self._peers:
                self._peers[rule] = _peer(rule, self._t)
            peer, takes_operands_as_they_are = self._peers[rule]
            operands = tensors if perturbed is None else perturbed.operands
            if takes_operands_as_they_are:
                found = peer(*operands, **node.params) if node.params else peer(*operands)
            else:
                ordered, named = arguments_of(rule, operands, node.params)
                found = peer(*ordered, **named)
        except _REFUSALS as error:
            reason = _first_line(error)
            raise NotRunError(
                said("refuses '{op}': {reason}", op=node.op, reason=reason)
            ) from error
        if found.shape != node.shape:
            given = tuple(found.shape)
            raise NotRunError(
                said(
                    "gives '{op}' the shape {found}, not {shape}",
                    op=node.op,
                    found=given,
                    shape=node.shape,
                )
            )
        if perturbed is not None:
            perturbed.watch(found)
        return found

    def _pull(self, stretches: Stretches, item: Backward) -> None:
        """What no input reaches PyTorch refuses to differentiate; then nothing is added."""
        if not stretches.is_differentiable(item.of):
            return
        shape = self._graph.nodes[item.of].shape
        v = self._tensor(np.ones(shape) if item.v is None else item.v)
        try:
            v = v if self._perturbation is None else self._perturbation.moved(self._t, v)
            arrived = stretches.backward(item.of, v)
        except _REFUSALS as error:
            reason = _first_line(error)
            raise NotRunError(said("cannot differentiate: {reason}", reason=reason)) from error
        for node, gradient in arrived.items():
            name = self._graph.nodes[node].name
            before = self._gradients.get(name)
            self._gradients[name] = gradient if before is None else before + gradient

    def _gradient(self, name: str) -> Array:
        found = self._gradients.get(name)
        tensor = self._t.zeros_like(self._leaves[name]) if found is None else found
        gradient: Array = tensor.detach().numpy()
        return gradient

    def _tensor(self, value: Any) -> Any:
        return self._t.from_numpy(np.array(value, dtype=self._graph.dtype, order="C"))


def _peer(rule: Rule, t: Any) -> tuple[Callable[..., Any], bool]:
    """The peer of an op for tensors, and whether it takes the operands as they are."""
    peer = peer_of(rule.name)
    if peer is None:
        why = WITHOUT.get(rule.name, said("not in its table"))
        raise NotRunError(said("has no '{op}': {why}", op=rule.name, why=why))
    return bound(peer, t), is_plain(rule)


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


_EXACT: Final = 1e6
"""Whole numbers below it stay: they are exact, and name classes, bounds and ties."""


class Perturbation:
    """Draws that move tensors; the same for the same seed."""

    def __init__(self, size: float, seed: int) -> None:
        """How far to move, relative to a value, and what to draw from."""
        self._size = size
        self._random = np.random.default_rng(seed)

    def moved(self, t: Any, tensor: Any) -> Any:
        """A tensor with its entries moved; what comes back passes as if they were not."""
        value = tensor.detach().numpy()
        is_exact = (value == np.round(value)) & (np.abs(value) < _EXACT)
        return tensor + self.drawn(t, np.where(is_exact, 0, value))

    def drawn(self, t: Any, sizes: Array) -> Any:
        """A tensor of draws, each at most the perturbation times its size."""
        drawn = self._random.uniform(-self._size, self._size, sizes.shape) * sizes
        return t.from_numpy(np.asarray(drawn, dtype=sizes.dtype))


class PerturbedOperands:
    """The operands of one application, moved, and what goes back through them.

    ``has_sums`` says that its backward may add up terms that cancel; elementwise ops have none.

    Attributes:
        operands: the tensors to use.
    """

    def __init__(
        self, perturbation: Perturbation, t: Any, tensors: list[Any], has_sums: bool
    ) -> None:
        self._perturbation = perturbation
        self._t = t
        self._has_sums = has_sums
        self._largest = 0.0
        self.operands = [perturbation.moved(t, tensor) for tensor in tensors]
        for operand in self.operands:
            if operand.requires_grad:
                operand.register_hook(self._moved_back)

    def watch(self, value: Any) -> None:
        """Register a hook for the cotangent that arrives; call it before the backward pass."""
        if value.requires_grad:
            value.register_hook(self._seen)

    def _seen(self, v: Any) -> None:
        finite = np.abs(v.numpy()[np.isfinite(v.numpy())])
        self._largest = float(finite.max(initial=0.0))

    def _moved_back(self, contribution: Any) -> Any:
        if contribution is None:  # PyTorch's word for nothing that comes back, as of a sign
            return None
        sizes = np.abs(contribution.numpy())
        if self._has_sums:
            sizes = np.maximum(sizes, self._largest)
        return contribution + self._perturbation.drawn(self._t, np.asarray(sizes))
