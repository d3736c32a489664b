"""The table of words: each a row, with what it means and what it is in the walk at hand.

A new word is a new row; a new language needs its catalogue and nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.format import UNKNOWN, closely
from tui_backprop.debug.glossary.example import entries, few
from tui_backprop.graph.jacobian import local_vjp
from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import label
from tui_backprop.language.message import joined, said, said_in, said_many

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.debug.glossary.example import Example


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the field.

    Attributes:
        name: as it is typed in English; other languages set their own word beside it.
        gist: what it is, as short as it can be said.
        more: the rest of what it means, in a sentence or two.
        here: gives sentences with the numbers of a walk; each stands for itself.
        see: names of words that explain it further.
        aliases: other ways to write it, and other words for it.
    """

    name: str
    gist: str
    more: str
    here: Callable[[Example], Iterator[str]]
    see: tuple[str, ...]
    aliases: tuple[str, ...] = ()


def _v(it: Example) -> Iterator[str]:
    run, of = it.walk.run, label(it.graph, it.walk.run.of)
    if run.assumed_ones:
        yield said("Here {of}.backward() leaves v out, so v is {v}.", of=of, v=few(run.seed))
        if run.seed.size > 1:
            yield said("PyTorch would not take that: it raises, and asks for a v.")
    else:
        yield said("Here {of}.backward(v) has v = {v}.", of=of, v=few(run.seed))
    if it.edge.node != run.of:
        yield said(
            "Further back, what was summed as the gradient of a node is v for its edges: "
            "for those of {node} it is {v}.",
            node=it.node, v=few(it.v),
        )  # fmt: skip


def _jacobian(it: Example) -> Iterator[str]:
    m, n = it.J.shape
    yield said("Here {matrix} is {m} × {n}.", matrix=it.matrix, m=m, n=n)
    value = closely(it.partial.value)
    yield said("One of its entries is {slope} = {value}.", slope=it.slope, value=value)


def _local(it: Example) -> Iterator[str]:
    J = it.J
    yield said(
        "Here it is {matrix}, of {node} by {parent}: {m} × {n}; partials that may be other than "
        "0: {count}.",
        matrix=it.matrix, node=it.node, parent=it.parent, m=J.shape[0], n=J.shape[1],
        count=J.sparsity.nonzeros,
    )  # fmt: skip


def _total(it: Example) -> Iterator[str]:
    of, n = it.of, entries(it)
    yield said(
        "Here the one of {of} by all leaves is {m} × {n}: {count} numbers, which the pass never "
        "writes down.",
        of=it.name(of.id), m=of.size, n=n, count=of.size * n,
    )  # fmt: skip
    yield said("Its v is that of {of}: {v}.", of=it.name(of.id), v=few(it.walk.run.seed))


def _vjp(it: Example) -> Iterator[str]:
    found = local_vjp(it.at.timeline.trace, it.edge, it.v)
    yield said(
        "Here v = {v} times {matrix} is {result}: this is what the edge adds to {gradient}.",
        v=few(it.v), matrix=it.matrix, result=few(found), gradient=it.gradient,
    )  # fmt: skip


def _jvp(it: Example) -> Iterator[str]:
    m, n = it.J.shape
    column = it.J.entries(np.arange(min(m, 16)), np.asarray(it.at.column))
    yield said(
        "Here, where only {x} changes, {y} changes by {column} times as much: one column of "
        "{matrix}, which has {n}.",
        x=it.x, y=it.node, column=few(column, size=m), matrix=it.matrix, n=n,
    )  # fmt: skip


def _seed(it: Example) -> Iterator[str]:
    yield said(
        "Here {v} is put on {of} at step {k}.",
        v=few(it.walk.run.seed), of=it.name(it.of.id), k=it.walk.start - 1,
    )  # fmt: skip


def _gradient(it: Example) -> Iterator[str]:
    values, known = it.frame.adjoint(it.edge.parent).toarray()
    end = it.walk.run.cotangents[it.edge.parent]
    yield said(
        "Here {gradient} is {now} at step {k}, and {end} at the end of the pass.",
        gradient=it.gradient, now=few(values, known), k=it.frame.k, end=few(end),
    )  # fmt: skip


def _adjoint(it: Example) -> Iterator[str]:
    yield said("Here that of {node} is {v}.", node=it.node, v=few(it.v))


def _cotangent(it: Example) -> Iterator[str]:
    yield said(
        "Here {node} has the shape {shape}, and so has its cotangent {v}.",
        node=it.node, shape=it.graph.nodes[it.edge.node].shape, v=few(it.v),
    )  # fmt: skip


def _partial(it: Example) -> Iterator[str]:
    found = it.partial
    yield said("At step {k}, {slope} = {value}.", k=it.at.k, slope=it.slope,
               value=closely(found.value))  # fmt: skip
    yield said(
        "Times {v} = {v_value} it adds {contribution} to {gradient}.",
        v=it.v_entry, v_value=closely(found.v), contribution=closely(found.contribution),
        gradient=it.gradient_entry,
    )  # fmt: skip


def _contribution(it: Example) -> Iterator[str]:
    found = it.partial
    before = UNKNOWN if found.before is None else closely(found.before)
    yield said(
        "At step {k} it is {product}, and {gradient} goes from {before} to {after}.",
        k=it.at.k, product=it.product, gradient=it.gradient_entry, before=before,
        after=closely(found.after),
    )  # fmt: skip


def _chain(it: Example) -> Iterator[str]:
    yield said(
        "Here the edge from {node} brings {gradient} this sum of v times partial: {sum}.",
        node=it.node, gradient=it.gradient_entry, sum=it.sum,
    )  # fmt: skip


def _accumulation(it: Example) -> Iterator[str]:
    into = np.bincount(it.walk.run.walk.parents)
    node = int(into.argmax())
    yield said_many(
        int(into[node]),
        "Here {node} is read {count} time, and no other value more often.",
        "Here {node} is read {count} times, and no other value more often.",
        node=it.name(node),
    )


def _edge(it: Example) -> Iterator[str]:
    route, start = it.walk.route, it.walk.start
    number = it.at.timeline.place(it.at).edge
    steps = route.steps(number)
    yield said(
        "Here edge {number} of {count} leads from {node} back to {parent}, at steps {first} to "
        "{last}.",
        number=number + 1, count=route.edges, node=it.node, parent=it.parent,
        first=start + steps.start, last=start + steps.stop - 1,
    )  # fmt: skip


def _node(it: Example) -> Iterator[str]:
    node = it.frame.node
    yield said(
        "Here are {count} nodes; this step is at node {number}, {name}, of shape {shape}.",
        count=len(it.graph.nodes), number=node.id, name=it.name(node.id), shape=node.shape,
    )  # fmt: skip


_MOST_NAMES: Final = 6


def _leaf(it: Example) -> Iterator[str]:
    names = list(it.graph.inputs)
    shown = joined(", ", [*names[:_MOST_NAMES], *["…"] * (len(names) > _MOST_NAMES)])
    others = sum(node.role is Role.CONSTANT for node in it.graph.nodes)
    yield said_many(
        len(names),
        "Here {count} leaf has a gradient: {names}. Without one: {others}.",
        "Here {count} leaves have a gradient: {names}. Without one: {others}.",
        names=shown, others=others,
    )  # fmt: skip


def _graph(it: Example) -> Iterator[str]:
    nodes = it.graph.nodes
    yield said(
        "Here it has nodes: {nodes}, edges: {edges}; a backward pass goes over {visited} of these.",
        nodes=len(nodes), edges=sum(len(n.parents) for n in nodes), visited=it.walk.route.edges,
    )  # fmt: skip


def _forward(it: Example) -> Iterator[str]:
    yield said("Here it is the steps 0 to {last}.", last=len(it.graph.nodes) - 1)
    trace = it.frame.timeline.trace
    value = few(trace.value(it.of.id))
    yield said("It ends with {of} = {value}.", of=it.name(it.of.id), value=value)


def _backward(it: Example) -> Iterator[str]:
    walk = it.walk
    yield said(
        "Here it begins at {of} with v = {v}; edges: {edges}, partials: {partials}.",
        of=it.name(it.of.id), v=few(walk.run.seed), edges=walk.route.edges,
        partials=walk.route.length,
    )  # fmt: skip


def _reverse(it: Example) -> Iterator[str]:
    yield said_many(
        entries(it),
        "Here the leaves have {count} entry: either mode goes once.",
        "Here the leaves have {count} entries in all: forward mode would go {count} times, reverse "
        "mode goes once.",
    )
    yield said(
        "For all of J it would go once for each entry of {of}, and of these there are {m}.",
        m=it.of.size, of=it.name(it.of.id),
    )  # fmt: skip


def _sparsity(it: Example) -> Iterator[str]:
    size, count = it.J.shape[0] * it.J.shape[1], it.J.sparsity.nonzeros
    values = {"matrix": it.matrix, "size": size, "count": size - count}
    if it.at.timeline.zeros:
        yield said(
            "Here {count} of the {size} entries of {matrix} are structural zeros, and the walk "
            "visits them.",
            **values,
        )  # fmt: skip
    else:
        yield said(
            "Here {count} of the {size} entries of {matrix} are structural zeros, and the walk "
            "leaves them out.",
            **values,
        )  # fmt: skip


def _zero_grad(it: Example) -> Iterator[str]:
    walks = it.frame.timeline.walks
    cleared = sum(walk is None for walk in walks)
    yield said(
        "Backward passes of this walk: {passes}; zero_grad: {cleared}.",
        passes=len(walks) - cleared, cleared=cleared,
    )  # fmt: skip


def _kink(it: Example) -> Iterator[str]:
    rules = [node.rule for node in it.graph.nodes if node.rule is not None]
    bent = [rule for rule in rules if rule.kink is not None]
    yield said("Ops with a kink here: {count} of {ops}.", count=len(bent), ops=len(rules))
    if bent:
        yield said(
            "At a kink {op} takes this: {convention}.",
            op=bent[0].name, convention=said(bent[0].convention),
        )  # fmt: skip


def _breakpoint(it: Example) -> Iterator[str]:
    yield said_many(it.breakpoints, "Here there is {count}.", "Here there are {count}.")


WORDS: Final[tuple[Word, ...]] = (
    Word(said_in("a word of the field", "v"),
         said("the vector that is pulled back"),
         said("It says how much each entry of the output counts. A backward pass computes v times "
              "J; where the output is one number, v may be left out and is 1."),
         _v, ("J", "VJP", "seed", "adjoint")),
    Word(said_in("a word of the field", "J"),
         said("the matrix of all partials of a step from one value to the next"),
         said("Its entry J[j, i] is ∂y[j]/∂x[i]: a row for each output, a column for each input. "
              "It is looked at entry by entry and never built as a whole."),
         _jacobian, ("local Jacobian", "total Jacobian", "partial", "VJP"),
         ("Jacobian", "Jacobian matrix")),
    Word(said_in("a word of the field", "VJP"),
         said("vector-Jacobian product, v times J"),
         said("It is what one edge adds to the gradient of its operand. Reverse mode is one VJP "
              "after the other, from the output down to the leaves."),
         _vjp, ("v", "J", "JVP", "chain rule"), ("vector-Jacobian product", "vjp", "pullback")),
    Word(said_in("a word of the field", "JVP"),
         said("Jacobian-vector product, J times a direction"),
         said("It says how the output changes where the input moves in one direction. Forward "
              "mode is one JVP after the other; the command forward walks so."),
         _jvp, ("VJP", "reverse mode"),
         ("Jacobian-vector product", "forward mode", "pushforward", "tangent")),
    Word(said_in("a word of the field", "seed"),
         said("the v that is put on the output before the first edge"),
         said("All that follows is multiplied with it. With a 1 in one place and 0 elsewhere it "
              "picks one row of J; all ones give the sum of the rows."),
         _seed, ("v", "backward", "total Jacobian")),
    Word(said_in("a word of the field", "grad"),
         said("how the output, weighed by v, changes with each entry: the gradient"),
         said("X.grad has the shape of X. It is summed one partial after the other, and an entry "
              "that nothing was added to yet is ·, which is not 0."),
         _gradient, ("adjoint", "accumulation", "v"), ("gradient", "gradients", ".grad")),
    Word(said_in("a word of the field", "adjoint"),
         said("the gradient of any node, not only of a leaf"),
         said("Once every op that reads a node has sent its part back, its adjoint is v for the "
              "edges that go on from it. So v, adjoint and gradient are one quantity, seen from "
              "three sides."),
         _adjoint, ("v", "grad", "cotangent"), ("adjoints",)),
    Word(said_in("a word of the field", "cotangent"),
         said("another word for the adjoint, used by JAX"),
         said("A tangent is a change of a value, a cotangent weighs such changes. Each has the "
              "shape of the value."),
         _cotangent, ("adjoint", "v", "JVP"), ("cotangents",)),
    Word(said_in("a word of the field", "partial"),
         said("the derivative of one entry by one entry, all others held fixed"),
         said("It is one entry of J. Each step of a backward pass looks at one partial."),
         _partial, ("J", "contribution", "sparsity"), ("partials", "partial derivative")),
    Word(said_in("a word of the field", "contribution"),
         said("what one partial adds to one entry of a gradient"),
         said("It is an entry of v times the partial. v multiplies before anything is summed."),
         _contribution, ("partial", "v", "accumulation"), ("contributions", "summand")),
    Word(said_in("a word of the field", "chain rule"),
         said("derivatives multiply along a path, and paths add up"),
         said("Backpropagation is the chain rule, worked out from the output on, so that nothing "
              "is computed twice."),
         _chain, ("VJP", "contribution", "accumulation"), ("chain",)),
    Word(said_in("a word of the field", "accumulation"),
         said("a gradient is the sum over all ops that read a value"),
         said("A value that is used twice gets two contributions, and they are added. Leaves go on "
              "adding over several passes, until zero_grad."),
         _accumulation, ("grad", "zero_grad", "edge"),
         ("accumulate", "accumulated gradient", "sum")),
    Word(said_in("a word of the field", "computation graph"),
         said("all values of a program, and which was made from which"),
         said("The forward pass builds it, the backward pass goes through it in the opposite "
              "order."),
         _graph, ("node", "edge", "leaf", "forward", "backward"), ("graph", "DAG")),
    Word(said_in("a word of the field", "node"),
         said("one value of the graph: a leaf, or the result of one op"),
         said("Where the program gives it no name, it is called by its number, such as #7."),
         _node, ("computation graph", "leaf", "edge"), ("nodes",)),
    Word(said_in("a word of the field", "leaf"),
         said("a node that no op made"),
         said("Inputs are leaves with a gradient; constants are leaves without, so nothing is "
              "pulled back into them."),
         _leaf, ("node", "grad"), ("leaves", "input")),
    Word(said_in("a word of the field", "edge"),
         said("from a node back to one of its operands"),
         said("Each edge has its own local Jacobian. An op with two operands has two edges, and so "
              "has x * x."),
         _edge, ("local Jacobian", "node", "VJP"), ("edges",)),
    Word(said_in("a word of the field", "local Jacobian"),
         said("the J of one edge: of one op by one of its operands"),
         said("It knows nothing of the rest of the program. The chain rule joins the local ones to "
              "the total one."),
         _local, ("J", "total Jacobian", "edge"), ("local",)),
    Word(said_in("a word of the field", "total Jacobian"),
         said("the J of the output by a leaf, through the whole graph"),
         said("It is the product of local Jacobians along a path, added over all paths. Each row "
              "is the gradient for a seed with a single 1."),
         _total, ("J", "local Jacobian", "seed"), ("whole Jacobian", "J total")),
    Word(said_in("a word of the field", "forward"),
         said("the pass that computes values, from the leaves to the output"),
         said("It keeps what the backward pass will need. Each of its steps adds one node."),
         _forward, ("backward", "computation graph"), ("forward pass",)),
    Word(said_in("a word of the field", "backward"),
         said("the pass that computes gradients, from the output to the leaves"),
         said("It begins with the seed and goes from edge to edge, each time with v times J. "
              "This is backpropagation."),
         _backward, ("seed", "VJP", "reverse mode"),
         ("backward pass", "backpropagation", "backprop")),
    Word(said_in("a word of the field", "reverse mode"),
         said("differentiating from the output on, one v for all inputs"),
         said("One pass gives the gradient by every input, which is why a loss is differentiated "
              "this way. Forward mode gives all outputs for one direction of the input."),
         _reverse, ("VJP", "JVP", "backward"), ("reverse-mode", "automatic differentiation")),
    Word(said_in("a word of the field", "sparsity"),
         said("which entries of J are 0 whatever the numbers are"),
         said("Where an output does not read an input, the partial is a structural zero. A partial "
              "that is 0 only for these numbers is none."),
         _sparsity, ("J", "partial"), ("structural zero", "structural zeros", "pattern", "zero")),
    Word(said_in("a word of the field", "zero_grad"),
         said("sets every gradient to 0 between two backward passes"),
         said("Without it the second pass adds to what the first left, as PyTorch does."),
         _zero_grad, ("accumulation", "grad", "backward"), ("zero grad",)),
    Word(said_in("a word of the field", "breakpoint"),
         said("a place, or a condition, at which moving stops"),
         said("'break' sets one, 'info breakpoints' lists them. All that moves for several steps "
              "stops there, forward and back in time."),
         _breakpoint, ("node", "partial"), ("breakpoints",)),
    Word(said_in("a word of the field", "kink"),
         said("a place where a function has no derivative, such as relu at 0"),
         said("A slope must be chosen there, and the choice is a convention: the one that PyTorch "
              "has made. The step says so where it is used."),
         _kink, ("partial", "grad"), ("convention", "subgradient")),
)  # fmt: skip
"""In the order in which they explain each other."""
