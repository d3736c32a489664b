"""PyTorch's nodes as ops of the table, where their numbers say so, and then with formulas."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import nn
from torch.nn import functional

from tests.attach.pytorch.test_trace import dense, leaves_of
from tests.attach.pytorch.zoo import ZOO
from tui_backprop.attach.given import foreign_rule
from tui_backprop.attach.pytorch import tape as tapes
from tui_backprop.attach.pytorch.recognition import ROWS
from tui_backprop.attach.pytorch.recording import recording
from tui_backprop.attach.pytorch.trace import attach
from tui_backprop.debug.debugger import Debugger
from tui_backprop.errors import CommandError, UnknownError
from tui_backprop.graph.model import Edge, Node, Role
from tui_backprop.render.formulas.symbolic import has_formula
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.attach.pytorch.trace import PyTorchTrace


pytestmark = pytest.mark.usefixtures("one_thread")


def recorded(make: Callable[[], torch.Tensor]) -> tuple[PyTorchTrace, torch.Tensor]:
    """A forward pass under `recording`, attached to."""
    with recording():
        loss = make()
    return attach(loss), loss


def ops(trace: PyTorchTrace) -> list[Node]:
    """The nodes that are no leaves."""
    return [node for node in trace.graph.nodes if node.rule is not None]


def is_ours(node: Node) -> bool:
    """Whether a row of the table states it."""
    return node.rule is not None and not node.rule.computed_by


def mlp() -> torch.Tensor:
    """Layers and a loss over classes."""
    net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 8), nn.GELU(), nn.Linear(8, 2))
    return functional.cross_entropy(net(torch.randn(5, 3)), torch.tensor([0, 1, 1, 0, 1]))


def cnn() -> torch.Tensor:
    """What small image networks are made of."""
    net = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Conv2d(3, 4, 3, bias=False), nn.LeakyReLU(0.2), nn.AvgPool2d(2), nn.Flatten(),
        nn.Dropout(0.2), nn.Linear(4, 3),
    )  # fmt: skip
    return functional.cross_entropy(net(torch.randn(2, 2, 8, 8)), torch.tensor([0, 2]))


def transformer() -> torch.Tensor:
    """A layer of an encoder as it is trained, over embedded words."""
    table = nn.Embedding(9, 8)
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
    words = torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8]])
    return layer(table(words)).square().mean()


def lstm() -> torch.Tensor:
    """A cell written out, three times."""
    w, u, b = (torch.randn(s, requires_grad=True) for s in ((3, 16), (4, 16), (16,)))
    h = c = torch.zeros(2, 4)
    for _ in range(3):
        i, f, g, o = (torch.randn(2, 3) @ w + h @ u + b).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
    return (h - torch.ones(2, 4)).pow(2).mean()


@pytest.mark.parametrize("make", [mlp, cnn, transformer, lstm])
def test_most_nodes_of_common_models_are_recognised(make: Callable[[], torch.Tensor]) -> None:
    """At least nine of ten; the share is printed."""
    found = ops(recorded(make)[0])
    share = sum(map(is_ours, found)) / len(found)
    print(f"{make.__name__}: {share:.1%} of {len(found)} nodes")  # noqa: T201 - what one reads with -s
    assert share >= 0.9


class Recognition(NamedTuple):
    """A node of a walk, and how it was recognised."""

    met: Any
    known: Any
    node: int


def recognitions(
    name: str, patch: pytest.MonkeyPatch
) -> tuple[PyTorchTrace, torch.Tensor, list[Recognition]]:
    """A model of the zoo with all that was recognised in it."""
    found: list[Recognition] = []
    append = tapes._Builder._append_known

    def appending(self: Any, met: Any, known: Any) -> int:
        node = append(self, met, known)
        found.append(Recognition(met, known, node))
        return node

    patch.setattr(tapes._Builder, "_append_known", appending)
    trace, loss = recorded(ZOO[name])
    return trace, loss, found


@pytest.mark.parametrize("name", ZOO)
def test_j_of_what_is_recognised_is_pytorchs_own(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns of each J, or rows where PyTorch has no columns; and gradients to the last bit."""
    trace, loss, found = recognitions(name, monkeypatch)
    nodes = trace.graph.nodes
    for met, known, k in found:
        tolerance = 1e-9 if known.applied.precision == "float64" else 2e-4
        for argument, at in zip(known.passed_on, known.edges, strict=True):
            edge = Edge(nodes[k].parents[argument], k, argument)
            jacobian = trace.timeline.jacobian(edge)
            m, n = jacobian.shape
            for i in {0, n // 2, n - 1}:
                unit = np.zeros(nodes[edge.parent].shape)
                unit.flat[i] = 1
                try:
                    wanted = met.op.jvp(at, unit).ravel()
                    given = jacobian.column(i)
                except UnknownError:
                    row = np.zeros(nodes[k].shape)
                    row.flat[i % m] = 1
                    wanted = met.op.vjp(row)[at].ravel()
                    given = jacobian.row(i % m)
                scale = np.abs(wanted[np.isfinite(wanted)]).max(initial=1e-3)
                np.testing.assert_allclose(
                    given, wanted, rtol=tolerance, atol=tolerance * scale, err_msg=nodes[k].text
                )
    leaves = leaves_of(loss)
    loss.backward()
    for leaf in leaves:
        gradient = trace.grad_of(leaf)
        assert (gradient is None) == (leaf.grad is None)
        if gradient is not None:
            np.testing.assert_array_equal(dense(gradient), dense(leaf.grad))


@pytest.mark.parametrize("name", ZOO)
def test_only_what_is_recognised_has_a_formula(name: str) -> None:
    """And no op that is not is called like one of the table, whose behaviour it would be given."""
    trace = recorded(ZOO[name])[0]
    for node in ops(trace):
        assert has_formula(trace.timeline[node.id]) == is_ours(node)
        assert (node.op in RULES) == is_ours(node)
        if is_ours(node):
            assert all(trace.is_known(p) for p in (node.id, *node.parents)), node.text


@pytest.mark.parametrize("name", ZOO)
def test_a_walk_with_recognised_ops_can_be_debugged(name: str) -> None:
    """Commands answer, or say what they cannot."""
    session = Debugger(recorded(ZOO[name])[0])
    leaf = next(iter(session.trace.graph.inputs))
    last = session.trace.graph.nodes[-1].name
    for k in (0, session.last // 2, session.last):
        session.goto(k)
        for line in (
            "where", "health", "origin nan", f"why zero {leaf}.grad", "why", f"info node {last}",
            f"print {last}", "print J", f"break if norm({leaf}.grad) > 1e9", "continue", "list",
            "goto claim", f"set {leaf} = 1", "delete", "back",
        ):  # fmt: skip
            with suppress(CommandError):  # which says what is not known
                session.execute(line)


X = torch.tensor([[0.3, 1.2, -0.4], [0.7, -1.6, 0.2]], requires_grad=True)
C = torch.tensor([[1.5, 0.5, 2.0], [0.6, 1.1, 0.9]])
b = torch.tensor([0.1, 0.2, 0.3])
C_T = torch.arange(9.0).reshape(3, 3) / 9
IMAGE = torch.linspace(-1, 1, 32).reshape(1, 2, 4, 4)
WRITTEN: dict[str, Callable[[], torch.Tensor]] = {
    "X * 0.9": lambda: X * 0.9,
    "2 - X": lambda: 2 - X,
    "C / X": lambda: C / X,
    "X ** 3": lambda: X**3,
    "2 ** X": lambda: 2**X,
    "C ** X": lambda: C**X,
    "remainder(X, 0.5)": lambda: torch.remainder(X, 0.5),
    "hypot(X, C)": lambda: torch.hypot(X, C),
    "arctan2(X, C)": lambda: torch.atan2(X, C),
    "maximum(X, C)": lambda: torch.maximum(X, C),
    "clip(X, -0.2, 0.8)": lambda: X.clamp(-0.2, 0.8),
    "clip(X, None, 0.8)": lambda: X.clamp(max=0.8),
    "where(condition_1, X, C)": lambda: torch.where(C > 1, X, C),
    "where(condition_1, C, X)": lambda: torch.where(C > 1, C, X),
    "where(condition_1, -1, X)": lambda: X.masked_fill(C > 1, -1.0),
    "leaky_relu(X, negative_slope=0.2)": lambda: functional.leaky_relu(X, 0.2),
    "elu(X, alpha=0.5)": lambda: functional.elu(X, 0.5),
    "selu(X)": lambda: functional.selu(X),
    "gelu(X, approximate='tanh')": lambda: functional.gelu(X, approximate="tanh"),
    "hardtanh(X, min_val=0, max_val=6)": lambda: functional.relu6(X),
    "softmax(X)": lambda: X.softmax(-1),
    "log_softmax(X, axis=0)": lambda: X.log_softmax(0),
    "max(X, axis=1, keepdims=True)": lambda: X.amax(1, keepdim=True),
    "mean(X, axis=0)": lambda: X.mean(0),
    "sum(X)": X.sum,
    "var(X, axis=1, ddof=1)": lambda: X.var(1),
    "std(X)": lambda: X.std(correction=0),
    "norm(X, ord=1, axis=1)": lambda: torch.linalg.vector_norm(X, 1, dim=1),
    "logsumexp(X, axis=1)": lambda: X.logsumexp(-1),
    "cumsum(X, axis=1)": lambda: X.cumsum(1),
    "addmm(b, X, C_T)": lambda: torch.addmm(b, X, C_T),
    "X @ C_T": lambda: X @ C_T,
    "transpose(X)": X.t,
    "X[1]": lambda: X[1],
    "X[:, 1:]": lambda: X[:, 1:],
    "X[:, ::2]": lambda: X[:, ::2],
    "X[[1, 0]]": lambda: X[[1, 0]],
    "X[[0, 0, 1], [0, 2, 1]]": lambda: X[torch.tensor([[1, 0, 1], [0, 1, 0]]).bool()],
    "X[[[0], [1]], [[2], [0]]]": lambda: X.gather(1, torch.tensor([[2], [0]])),
    "X[:, [2, 2]]": lambda: X.index_select(1, torch.tensor([2, 2])),
    "flip(X, axis=1)": lambda: X.flip(1),
    "roll(X, shift=1, axis=0)": lambda: X.roll(1, 0),
    "tile(X, reps=(2, 1))": lambda: X.repeat(2, 1),
    "pad(X, pad_width=((0, 0), (1, 2)), constant_values=3.0)": lambda: functional.pad(
        X, (1, 2), value=3.0
    ),
    "expand_dims(X, axis=2)": lambda: X.unsqueeze(-1),
    "tril(X, k=1)": lambda: X.tril(1),
    "concatenate([C, X])": lambda: torch.cat([C, X]),
    "stack([X, C], axis=1)": lambda: torch.stack([X, C], 1),
    "embedding(constant_1, X, padding_idx=0)": lambda: functional.embedding(
        torch.tensor([1, 0]), X, padding_idx=0
    ),
    "layer_norm(X, eps=0.001)": lambda: functional.layer_norm(X, (3,), eps=1e-3),
    "batch_norm(concatenate_1)": lambda: functional.batch_norm(
        torch.cat([X, C]), None, None, training=True
    ),
    "mse(X, C, reduction='sum')": lambda: functional.mse_loss(X, C, reduction="sum"),
    "huber(X, C, delta=0.3)": lambda: functional.huber_loss(X, C, delta=0.3),
    "huber(X, C)": lambda: functional.smooth_l1_loss(X, C),
    "binary_cross_entropy_with_logits(X, C)": lambda: functional.binary_cross_entropy_with_logits(
        X, C
    ),
    "nll(X, constant_1, ignore_index=1, weight=b)": lambda: functional.nll_loss(
        X, torch.tensor([2, 0]), weight=b, ignore_index=1
    ),
    "dropout(X, mask_1, p=0.2)": lambda: torch.native_dropout(X, 0.2, train=True)[0],
    "conv2d(IMAGE, expand_dims_2, stride=2, padding=1)": lambda: functional.conv2d(
        IMAGE, X[None, :, :, None], stride=2, padding=1
    ),
    "max_pool2d(expand_dims_2, (1, 2), stride=1)": lambda: functional.max_pool2d(
        X[None, None], (1, 2), stride=1
    ),
    "avg_pool2d(expand_dims_2, (2, 1))": lambda: functional.adaptive_avg_pool2d(
        X[None, None], (1, 3)
    ),
    "avg_pool2d(expand_dims_2, 2)": lambda: functional.avg_pool2d(X[None, None], 2),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_an_op_is_written_as_the_program_language_writes_it(written: str) -> None:
    """With the operands' names and the parameters that differ from their defaults."""
    with recording():
        y = WRITTEN[written]()
    trace = attach(y, torch.randn_like(y))
    assert ops(trace)[-1].text == written


def test_ops_that_have_no_row_stay_foreign() -> None:
    """Also those that are nearly one: a scaled product, dilation into the output, trained norms."""
    mean, var = torch.zeros(3), torch.ones(3)
    for y in (
        torch.addmm(b, X, C_T, beta=2),
        functional.conv_transpose2d(IMAGE, X[:, :, None, None]),
        functional.batch_norm(X, mean, var),
        functional.softplus(X, 2.0),
        X.sort().values,
        torch.add(X, C, alpha=2),
        X.lerp(C, 0.5),
    ):
        assert not is_ours(attach(y, torch.ones_like(y)).graph.nodes[-1])


def test_a_node_that_saves_other_things_stays_foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one of another release of PyTorch may."""

    def missing(self: Any, name: str) -> None:
        del self, name

    monkeypatch.setattr("tui_backprop.attach.pytorch.reading.Seen.saved", missing)
    y = functional.embedding(torch.tensor([1, 0]), X)[1].flip(0).softmax(0)
    assert not any(map(is_ours, ops(attach(y, torch.ones_like(y)))))


def test_half_precision_is_recognised_where_nothing_is_rounded() -> None:
    """Entries that only move are what they were; a product is not what single precision says."""
    w = torch.randn(3, 4, requires_grad=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        trace, _ = recorded(lambda: (C @ w).float().sum())
    by_op = {node.op: is_ours(node) for node in ops(trace)}
    assert by_op["sum"]
    assert not by_op["to_copy"]
    assert not by_op["mm"]


def test_every_row_names_an_op_of_the_table() -> None:
    """Those that choose their op by what a node saved are tried by the zoo."""
    for kind, rows in ROWS.items():
        for row in rows:
            if isinstance(row.rule, str):
                assert row.rule in RULES, kind
                assert set(row.params) <= {p.name for p in RULES[row.rule].parameters}, kind


def test_operands_without_a_gradient_are_constants() -> None:
    """By the caller's name where he has one, and as digits where they are a number."""
    x = torch.randn(4, 3)
    target = torch.tensor([0, 2, 1, 1])
    w = torch.randn(3, 3, requires_grad=True)
    trace, _ = recorded(lambda: functional.cross_entropy((1 - x @ w) / 2 + x, target))
    graph = trace.graph
    assert set(graph.constants) == {"x", "target"}
    np.testing.assert_array_equal(trace.values["x"], x.double().numpy())
    texts = [node.text for node in ops(trace)]
    assert texts[0] == "x @ w"
    assert texts[1].startswith("1 - ")
    assert texts[2].endswith(" / 2")
    assert texts[3].endswith(" + x")
    assert texts[-1].endswith(", target)")
    assert all(graph.nodes[k].role is Role.CONSTANT for k in graph.constants.values())


def test_an_operand_that_nobody_kept_is_not_made_up() -> None:
    """Without a recording nothing tells what was added; of a product the other factor was saved."""
    c, x = torch.randn(3), torch.randn(3, requires_grad=True)
    product = x * 1
    added, scaled = product + c, product * c
    assert not is_ours(attach(added, torch.ones(3)).graph.nodes[-1])
    assert is_ours(attach(scaled, torch.ones(3)).graph.nodes[-1])
    with recording():
        added = x * 1 + c
    assert is_ours(attach(added, torch.ones(3)).graph.nodes[-1])
    c.mul_(2)
    assert not is_ours(attach(added, torch.ones(3)).graph.nodes[-1])


def test_a_value_is_moved_back_where_only_what_moved_it_was_kept() -> None:
    """A layer over three axes is a product between two reshapes; what it gave is kept, not that."""
    layer, x = nn.Linear(3, 2), torch.randn(4, 5, 3)
    y = layer(x)
    product = next(n for n in ops(attach(y.exp().sum())) if n.op == "addmm")
    trace = attach(y.exp().sum())
    np.testing.assert_array_equal(trace.value(product.id), y.detach().reshape(20, 2).numpy())


def test_the_first_of_equal_entries_is_not_half_of_both() -> None:
    """PyTorch's max along an axis pays the first, ours splits; where none is equal they agree.

    A v of zeros hides the difference, and another one does not.
    """
    for v in (torch.ones(2), torch.zeros(2)):
        for entries, is_same in (([[1.0, 3.0, 3.0], [1, 2, 3]], False), ([[1.0, 3, 2]] * 2, True)):
            x = torch.tensor(entries, requires_grad=True)
            with recording():
                y = (x * 1).max(1).values
            node = attach(y, v).graph.nodes[-1]
            assert is_ours(node) == is_same
            assert node.op == ("max" if is_same else "pytorch_max")


def test_a_bound_is_not_taken_for_another_convention() -> None:
    """At a bound of clamp PyTorch before 2.14 lets v through, and the row does not."""
    x = torch.tensor([0.5, 1.0, 3.0], requires_grad=True)
    with recording():
        y = (x * 1).clamp(0, 1)
    (grad,) = torch.autograd.grad(y.sum(), x, retain_graph=True)
    assert is_ours(attach(y, torch.ones(3)).graph.nodes[-1]) == (grad[1] == 0)


class Exp(torch.autograd.Function):  # type: ignore[misc]  # torch is untyped here
    """A Function called like one of PyTorch's own, which it is not."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        """The exponential."""
        ctx.save_for_backward(x)
        return x.exp()

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> torch.Tensor:
        """Half of what it should be."""
        return grads[0] * ctx.saved_tensors[0].exp() / 2


def test_a_function_of_ones_own_is_not_taken_for_pytorchs() -> None:
    """Its name is a coincidence; it is not even called like the op of the table."""
    x = torch.tensor([0.5, 1.0], requires_grad=True)
    trace, _ = recorded(lambda: Exp.apply(x * 1).sum())
    assert [n.op for n in ops(trace)] == ["multiply", "pytorch_exp", "sum"]


@pytest.mark.parametrize("name", ["where", "max", "add", "cross_entropy", "index"])
def test_a_foreign_op_is_not_called_like_a_row(name: str) -> None:
    """Its operands are others than the row's: what goes by names must not meet it."""

    class Elsewhere:
        computed_by = "PyTorch"
        shape = (2,)
        shapes = ((2,), (2,))

        def __init__(self) -> None:
            self.name = name

        def vjp(self, v: Any) -> list[Any]:
            return [v, v]

        def jvp(self, argument: int, t: Any) -> Any:
            del argument
            return t

        def refusal(self, rows: Any) -> str:
            del rows
            return ""

        def nonzeros(self, argument: int) -> None:
            del argument

        def pattern(self, argument: int) -> None:
            del argument

    rule = foreign_rule(Elsewhere())
    assert rule.name == f"pytorch_{name}"
    assert rule.name not in RULES


def test_not_a_number_is_in_the_same_places() -> None:
    """A root of 0 meets a v of 0: the row says NaN where PyTorch does, and has the formula."""
    x = torch.tensor([4.0, 0.0], requires_grad=True)
    weights = torch.tensor([1.0, 0.0])
    trace, _ = recorded(lambda: torch.dot((x * 1).sqrt(), weights))
    assert all(is_ours(node) for node in ops(trace))
    answer = Debugger(trace).execute("origin nan")
    assert "sqrt" in answer


def test_long_products_are_recognised_by_some_columns() -> None:
    """Of a large layer not everything is computed again."""
    layer = nn.Linear(600, 500)
    x = torch.randn(64, 600)
    trace, loss = recorded(lambda: layer(x).square().mean())
    assert all(is_ours(node) for node in ops(trace))
    loss.backward()
    np.testing.assert_array_equal(trace.grad["layer.weight"], layer.weight.grad.numpy())
