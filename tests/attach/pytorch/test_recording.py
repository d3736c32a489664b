"""What `recording` notes of a forward pass: values, lines and modules, and nothing else changes."""

from __future__ import annotations

import linecache
import runpy
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from tests.attach.pytorch.zoo import ZOO
from tui_backprop.attach.pytorch.recording import recording
from tui_backprop.attach.pytorch.trace import attach
from tui_backprop.attach.saved.reader import open_walk
from tui_backprop.debug.commands.completing import complete
from tui_backprop.debug.debugger import Debugger
from tui_backprop.errors import CommandError
from tui_backprop.graph.file_names import place_of
from tui_backprop.graph.model import Role
from tui_backprop.render.panes.program import program_content
from tui_backprop.render.text.names import Namer
from tui_backprop.render.view import View

if TYPE_CHECKING:
    from pathlib import Path


class Net(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """Two layers, written on lines of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.rest = nn.Sequential(nn.Tanh(), nn.Linear(4, 2))

    def forward(self, x: Any) -> Any:
        """Hidden, then out."""
        hidden = self.first(x)
        doubled = hidden * 2
        return self.rest(doubled)


def test_nodes_know_their_line_and_module() -> None:
    """The line of the user's source, and the path of the module inside the outermost one."""
    model = Net()
    with recording():
        loss = model(torch.randn(5, 3)).square().sum()
    graph = attach(loss).graph
    lines = graph.program.splitlines()
    by_op = {n.op: n for n in graph.nodes if n.span is not None}
    assert "doubled = hidden * 2" in lines[by_op["multiply"].span.line - 1]  # type: ignore[union-attr]  # chosen by it
    assert "square().sum()" in lines[by_op["sum"].span.line - 1]  # type: ignore[union-attr]  # chosen by it
    names = set(graph.names)
    assert {"rest.0.tanh_1", "rest.1.addmm_1", "first.addmm_1"} <= names


def test_a_walk_stops_at_a_line_and_in_a_layer() -> None:
    """By the file and line of the editor, and by the module's path with all that is inside."""
    model = Net()
    with recording():
        loss = model(torch.randn(5, 3)).square().sum()
    session = Debugger(attach(loss))
    at = next(n for n, line in enumerate(linecache.getlines(__file__), 1) if "hidden * 2" in line)
    session.execute(f"break test_recording.py:{at} partial")
    session.continue_()
    assert session.frame.node.op == "multiply"
    session.execute("delete")
    session.execute("break layer rest partial")
    session.restart()
    seen = []
    while session.continue_().k < session.last:
        seen.append(session.frame.node.module)
    assert set(seen) == {"rest.0", "rest.1"}
    for line, said in (
        ("break other.py:3", "no node was made in 'other.py'; there are: test_recording.py"),
        ("break test_recording.py:1", "no node was made on line 1"),
        ("break layer last", "there is no layer 'last'; there are: "),
    ):
        with pytest.raises(CommandError, match=said):
            session.execute(line)


def test_a_line_that_calls_a_model_is_what_the_call_gave(tmp_path: Path) -> None:
    """Of each call the last op: on that line itself nothing was computed. In a file as well."""
    model = Net()
    x = torch.randn(5, 3)
    total = torch.zeros(())
    with recording():
        for _ in range(2):
            out = model(x)
            total = total + out.square().sum()
    trace = attach(total)
    lines = linecache.getlines(__file__)
    at = next(n for n, line in enumerate(lines, 1) if "out = model(x)" in line)
    trace.save(tmp_path / "a.walk")
    for walk in (trace, open_walk(tmp_path / "a.walk")):
        session = Debugger(walk)
        session.execute(f"break test_recording.py:{at}")
        (found,) = (b.place for b in session.breakpoints if b.place is not None)
        assert found is not None
        nodes = walk.graph.nodes
        assert {nodes[n].name for n in found.nodes or ()} == {"rest.1.addmm_1", "out"}
        assert session.continue_().node.name == "rest.1.addmm_1"


def test_parameters_belong_to_their_modules() -> None:
    """In the order of the forward pass, by the same paths as the ops that read them."""
    model = Net()
    weight = torch.randn(5, 3, requires_grad=True)
    model.rest[1].weight.register_hook(lambda v: v * 2)
    with recording():
        loss = (model(weight) * 0.5).square().sum()
    graph = attach(loss).graph
    found = {n.name: n.module for n in graph.nodes if n.name in graph.inputs}
    assert found == {
        "weight": "", "model.first.weight": "first", "model.first.bias": "first",
        "model.rest.1.weight": "rest.1", "model.rest.1.bias": "rest.1",
    }  # fmt: skip
    used = [n.module for n in graph.nodes if n.name in graph.inputs and n.module]
    assert used == ["first", "first", "rest.1", "rest.1"]
    hook = next(n for n in graph.nodes if n.op == "hook")
    assert (hook.module, hook.parents) == ("rest.1", (hook.id - 1,))
    numbers = {(n.text, n.module) for n in graph.nodes if n.literal is not None}
    assert {("2", "Net"), ("0.5", "")} <= numbers
    assert {n.module for n in attach(model(weight).sum()).graph.nodes} == {""}


def test_two_models_keep_their_layers_apart() -> None:
    """What they call alike lies in two modules, however often each is called."""
    maker = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    judge = Net()
    judge.first, judge.rest = nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 1), nn.Tanh())
    twin = nn.Sequential(nn.Linear(1, 1), nn.Tanh())
    with recording():
        for _ in range(2):
            loss = twin(judge(maker(torch.randn(4, 2)))).sum()
    nodes = attach(loss).graph.nodes
    assert {n.module for n in nodes if n.op == "tanh"} == {"1", "rest.1", "Sequential_2.1"}
    weights = {n.name: n.module for n in nodes if n.name and n.name.endswith("weight")}
    assert weights == {
        "maker.0.weight": "0", "judge.first.weight": "first", "judge.rest.0.weight": "rest.0",
        "twin.0.weight": "Sequential_2.0",
    }  # fmt: skip


def test_layers_that_are_called_one_by_one_are_apart() -> None:
    """A program that calls parts of a model, and not the model, has each of them."""
    model = Net()
    with recording():
        loss = model.rest[1](model.first(torch.randn(5, 3))).sum()
    graph = attach(loss).graph
    assert {n.module for n in graph.nodes if n.op == "addmm"} == {"Linear", "Linear_2"}


def test_an_encoder_is_gone_over_in_a_few_moves() -> None:
    """Whatever its layers do; its parameters are one row."""
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    model = nn.Sequential(
        nn.Linear(3, 8), nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)
    )
    with recording():
        loss = model(torch.randn(2, 4, 3)).square().mean()
    session = Debugger(attach(loss))
    graph = session.trace.graph
    moves = []
    while session.cursor < session.last:
        moves.append(session.execute("next"))
    assert len(moves) < 20 < len(graph.nodes)
    assert moves[:2] == ["over 0: 2 parameters", "over 1: 36 parameters"]
    assert sum(move.startswith("over 1: ") for move in moves) == 3
    assert session.execute("unfold 1") == "in 1.layers"
    rows = session.modules.seen_from("1.layers")
    names = [rows.module(row) for row in range(len(rows)) if rows.is_group(row)]
    layers = [f"1.layers.{k}" for k in range(3)]
    assert names == ["0", *layers, "0", *layers]


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """By their folders, as few as do; what may mean both is refused, and says what to type."""
    layers = {}
    for folder in ("a", "b"):
        (tmp_path / "src" / folder).mkdir(parents=True)
        file = tmp_path / "src" / folder / "model.py"
        file.write_text(f"def layer(x):\n    return x.{'sin' if folder == 'a' else 'exp'}()\n")
        layers[folder] = runpy.run_path(str(file))["layer"]
    with recording():
        loss = layers["b"](layers["a"](torch.ones(2, requires_grad=True))).sum()
    session = Debugger(attach(loss))
    assert "# a/model.py, from line 1\n" in session.trace.graph.program
    for word, op in (("a/model.py", "sin"), ("src/b/model.py", "exp"), (f"{file}", "exp")):
        session.restart()
        session.execute(f"tbreak {word}:2 partial")
        session.continue_()
        assert session.frame.node.op == op
    with pytest.raises(CommandError, match=r"'model.py:2' may mean: b/model.py:2, a/model.py:2"):
        session.execute("break model.py:2")
    with pytest.raises(CommandError, match=r"in 'c/model.py'; there are: .*a/model.py"):
        session.execute("break c/model.py:2")
    assert "a/model.py:" in complete(session, "break a/m").words
    graph = session.trace.graph
    places = {
        n.op: place_of(graph.program, graph.files, n.span.line) for n in graph.nodes if n.span
    }
    assert (places["sin"], places["exp"]) == ("a/model.py:2", "b/model.py:2")
    assert places["sum"].startswith("test_recording.py:")


def test_the_origin_of_a_nan_names_its_line(tmp_path: Path) -> None:
    """That of the editor, and what is written there; the program pane has it in its border."""
    file = tmp_path / "loss.py"
    file.write_text(
        "def apart(x):\n    squares = x.pow(2)\n    return squares.sum(1).sqrt().sum()\n"
    )
    apart = runpy.run_path(str(file))["apart"]
    with recording():
        loss = apart(torch.zeros(2, 3, requires_grad=True))
    session = Debugger(attach(loss))
    told = session.execute("origin nan")
    assert told.count("in loss.py:3: return squares.sum(1).sqrt().sum()") == 1
    assert "in loss.py:2: squares = x.pow(2)" in told
    view = View(session.trace.timeline[0], Namer(session.trace.graph), symbolic=False)
    shown = program_content(view, 60, 3)
    assert shown.title == "loss.py:2"
    assert shown.focus is not None
    assert shown.focus.y == 1


class Oddly(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """Parts that are called as a ``ModuleDict`` and a ``ParameterList`` allow."""

    def __init__(self) -> None:
        super().__init__()
        names = ("if", "my-layer", "a b", "é", "grad", "1e5", "x=1", "@2", "[0]", "#", "0")
        self.d = nn.ModuleDict({name: nn.Linear(2, 2) for name in names})
        self.T = nn.Parameter(torch.ones(2))
        self.value = nn.Parameter(torch.ones(2))
        self.scales = nn.ParameterList([torch.ones(2), torch.ones(2)])

    def forward(self, x: Any) -> Any:
        """Each once."""
        for part in self.d.values():
            x = part(x).tanh()
        return (x * self.T + self.value * self.scales[0]) * self.scales[1]


def test_every_name_of_a_walk_can_be_typed() -> None:
    """Of nodes, parameters and layers, whatever the parts of the model are called."""
    net, head = Oddly(), nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2)))
    with recording():
        loss = net(head(torch.randn(3, 2))).sum()
    graph = attach(loss).graph
    session = Debugger(attach(loss))
    parameters = {
        f"net.{name}" for name in ("T", "value", "scales.0", "scales.1", "d.my_layer.bias")
    }
    assert {*parameters, "head.0.weight", "0.addmm_1", "1.0.addmm_1", "d.a_b.addmm_1"} <= {
        *graph.names
    }
    for name, n in graph.names.items():
        session.execute(f"goto {name}")
        assert session.frame.node.id == n
        is_constant = graph.nodes[n].role is Role.CONSTANT  # which has no gradient to wait for
        waited = "" if is_constant else f" and any({name}.grad > 0)"
        session.execute(f"tbreak if norm({name}) > 0{waited}")
        session.execute("delete")
        session.execute(f"info node {name}")
    for layer in {node.module for node in graph.nodes if node.module and node.parents}:
        session.execute(f"break layer {layer}")


def test_lines_are_those_of_the_file() -> None:
    """Where one file made all nodes its line numbers are the editor's."""
    model = Net()
    with recording():
        loss = model(torch.randn(5, 3)).square().sum()
    graph = attach(loss).graph
    spans = {n.span for n in graph.nodes if n.span is not None}
    assert spans
    for span in spans:
        shown = graph.program.splitlines()[span.line - 1]
        assert shown == linecache.getline(__file__, span.line).rstrip()


@pytest.mark.parametrize("name", ZOO)
def test_recorded_values_are_the_forward_pass(name: str) -> None:
    """What is recorded runs as it would have, and values are those that were computed."""
    torch.manual_seed(1)
    bare = ZOO[name]()
    torch.manual_seed(1)
    with recording():
        loss = ZOO[name]()
    assert torch.equal(bare, loss)
    trace = attach(loss)
    node = trace.graph.nodes[trace.tape.of]
    if node.op != "hook":
        np.testing.assert_array_equal(trace.value(node.id), loss.detach().double().numpy())
    known = [n for n in trace.graph.nodes if trace.is_known(n.id)]
    assert len(known) > len(trace.graph.inputs)


@pytest.mark.parametrize("name", ["encoder", "convolutions", "lstm", "several_outputs"])
def test_what_is_attached_while_recording_is_not_recorded(name: str) -> None:
    """A walk made inside of the block is the one made behind it, and so are its frames."""
    torch.manual_seed(1)
    with recording() as notes:
        loss = ZOO[name]()
        count = len(notes.notes)
        trace = attach(loss)
        walk = [trace.timeline[k].partial for k in range(0, len(trace.timeline), 997)]
        assert len(notes.notes) == count
    behind = attach(loss)
    assert behind.graph.program == trace.graph.program
    assert len(behind.unknown) == len(trace.unknown)
    assert [behind.timeline[k].partial for k in range(0, len(behind.timeline), 997)] == walk


def test_a_pass_of_several_nodes_inside_backward_is_no_forward_pass() -> None:
    """Whoever looks while ``loss.backward()`` runs finds PyTorch as it is."""
    torch.manual_seed(1)
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    found = []
    with recording():
        loss = (layer(torch.randn(2, 4, 8)) * 4.0).square().mean()
        real = torch.autograd.backward

        def watched(*given: Any, **named: Any) -> None:
            found.append(attach(loss))
            real(*given, **named)

        torch.autograd.backward = watched
        try:
            loss.backward()
        finally:
            torch.autograd.backward = real
    for parameter in layer.parameters():
        assert torch.equal(found[0].grad_of(parameter), parameter.grad)


def test_more_values_are_known_than_without() -> None:
    """A network of layers and functions has nearly all of them."""
    model = Net()
    x = torch.randn(5, 3)
    without = attach(model(x).square().sum())
    with recording():
        loss = model(x).square().sum()
    found = attach(loss)
    assert len(found.unknown) < len(without.unknown)
    assert not found.unknown


def test_a_value_that_was_changed_in_place_is_not_shown() -> None:
    """The numbers that are there now are not those that the op gave."""
    x = torch.ones(3, requires_grad=True)
    with recording() as notes:
        y = x * 2
        node = y.grad_fn
        assert notes.value(node, 0) is not None
        with torch.no_grad():
            y.add_(1)
    assert notes.value(node, 0) is None


def test_a_value_that_the_forward_pass_changes_in_place_is_kept() -> None:
    """The node before had the old numbers, whether a method, operator or module changed them."""
    for change in (lambda y: y.relu_(), lambda y: y.__imul__(3), nn.ReLU(inplace=True)):
        x = torch.tensor([-1.0, 2.0], requires_grad=True)
        with recording():
            y = x * 2
            z = change(y)
            loss = z.sum()
        trace = attach(loss)
        assert not trace.unknown
        node = next(n for n in trace.graph.nodes if n.rule is not None)
        assert trace.value(node.id).tolist() == [-2.0, 4.0]


def test_an_exception_in_a_module_leaves_no_module_behind() -> None:
    """The path of what comes later is its own."""
    broken, sound = nn.Sequential(nn.Linear(3, 2)), Net()
    with recording() as notes:
        with pytest.raises(RuntimeError):
            broken(torch.randn(1, 9))
        loss = sound(torch.randn(5, 3)).sum()
        assert notes.modules == []
    assert "first.addmm_1" in attach(loss).graph.names


def test_without_recording_it_is_said_how_to_have_values() -> None:
    """A walk after the fact has some values only."""
    x = torch.ones(3, requires_grad=True)
    loss = (x.sin() + x.cos()).abs().sum()
    with recording():
        pass
    session = Debugger(attach(loss))
    session.end()
    unknown = next(iter(session.trace.unknown))
    name = session.trace.graph.nodes[unknown].name
    with pytest.raises(Exception, match=r"tb\.recording\(\)"):
        session.execute(f"print {name}")
