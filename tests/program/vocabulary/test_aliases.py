"""Other names of ops and of their arguments: the same node, and what is not the same stays out."""

from __future__ import annotations

from ast import literal_eval
from importlib.util import find_spec
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import pytest

from tests.program.support import graph_of, problem_of, structure, values
from tui_backprop.program.compiling.methods import METHODS
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.aliases import (
    ALIASED_METHODS,
    ALIASES,
    METHOD_ALIASES,
    aliases_of,
)
from tui_backprop.rules import RULES

MORE = {
    "power": "Y", "remainder": "Y", "divide": "Y", "multiply": "Y", "subtract": "Y", "matmul": "Y",
    "outer": "Y", "arctan2": "Y", "greater": "Y", "greater_equal": "Y", "less": "Y",
    "less_equal": "Y", "equal": "Y", "not_equal": "Y", "mse": "Y", "mae": "Y", "huber": "Y",
    "clip": "-1, 0.5", "expand_dims": "0", "transpose": "(1, 0)", "moveaxis": "0, 1",
    "swapaxes": "0, 1", "repeat": "2, 0", "max": "0", "min": "0", "nll": "[0, 1, 0]",
    "smooth_l1": "Y", "poisson_nll": "Y", "soft_margin": "Y",
    "hinge_embedding": "[[1, -1, 1], [-1, 1, 1], [1, 1, -1]]",
    "multilabel_soft_margin": "Y", "triplet_margin": "Y, Y", "margin_ranking": "Y, Y",
    "cosine_embedding": "Y, [1, -1, 1]", "gaussian_nll": "Y, Y", "multi_margin": "[0, 2, 1]",
}  # fmt: skip
"""What follows the first argument of a call, of those ops that want more or may have more."""
LEAVES = {
    "X": np.array([[0.3, 0.1, 0.9], [0.2, 0.7, 0.4], [0.6, 0.25, 0.8]]),
    "Y": np.array([[0.5, 0.2, 0.4], [0.9, 0.3, 0.6], [0.1, 0.75, 0.35]]),
}
SHAPES = {"X": (3, 3), "Y": (3, 3)}


def _is_of_list(op: str) -> bool:
    return op in RULES and RULES[op].family is not None


def _written(name: str, op: str) -> str:
    if _is_of_list(op):
        return f"{name}([X, Y])"
    return f"{name}({', '.join(filter(None, ['X', MORE.get(op, '')]))})"


@pytest.mark.parametrize(("name", "op"), ALIASES.items())
def test_an_alias_is_its_op(name: str, op: str) -> None:
    """The node is the op's, and its text is what was written."""
    found, own = (graph_of(f"z = {_written(n, op)}", SHAPES) for n in (name, op))
    assert structure(found) == structure(own)
    assert op not in RULES or found.find("z").text == _written(name, op)
    assert name in aliases_of(op)
    assert name not in {*RULES, *definitions()}


def _theirs(name: str, x: np.ndarray, y: np.ndarray, more: list[Any]) -> Any:
    """What the library that has the function says; None where neither has it."""
    numpys = getattr(np, name, None) or getattr(np.linalg, name, None)
    if numpys is not None:
        with catch_warnings():
            simplefilter("ignore", DeprecationWarning)  # trapz before NumPy 2.4, fix from 2.5 on
            return numpys(x, *(y if given == "Y" else given for given in more))
    if find_spec("torch") is None:
        pytest.skip("PyTorch is not installed")
    import torch

    function = getattr(torch.nn.functional, name, None) or getattr(torch, name, None)
    function = function or getattr(torch.special, name, None)
    if function is None:
        return None
    given = [torch.tensor(y) if item == "Y" else item for item in more]
    given = [torch.tensor(item) if isinstance(item, list) else item for item in given]
    return function(torch.tensor(x), *given).numpy()


OF_STACKS = {"bmm": "matmul", "mv": "matmul", "ger": "outer"}


@pytest.mark.parametrize(
    ("name", "op"),
    [(n, o) for n, o in ALIASES.items() if not _is_of_list(o) and n not in OF_STACKS],
)
def test_an_alias_means_what_it_means_elsewhere(name: str, op: str) -> None:
    """With its arguments in the same places, NumPy's or PyTorch's function gives the same."""
    text = MORE.get(op, "").replace("Y", "'Y'")
    if name == "clamp_min":
        text = "0.5"
    more: list[Any] = list(literal_eval(f"[{text}]"))
    with np.errstate(invalid="ignore"):
        theirs = _theirs(name, LEAVES["X"], LEAVES["Y"], more)
    if theirs is None:
        assert name in {"logistic", "swish", "ln", "soft_sign", "loggamma"} or name.startswith(
            ("hard_", "reduce_")
        )
        return
    written = "clamp_min(X, 0.5)" if name == "clamp_min" else _written(name, op)
    ours = values(graph_of(f"z = {written}", SHAPES), LEAVES)[-1]
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("name", sorted(ALIASED_METHODS | {"amax", "absolute", "acos", "pow"}))
def test_an_alias_as_a_method(name: str) -> None:
    """Where PyTorch's tensors have it."""
    op = METHOD_ALIASES.get(name) or ALIASES[name]
    given = {"view": "9", "expand": "2, 3, 3"}.get(name, MORE.get(op, ""))
    given = "0.5" if name == "clamp_min" else given
    assert name in METHODS
    packed = f"({given})" if name == "expand" else given
    own = graph_of(f"z = {op}({', '.join(filter(None, ['X', packed]))})", SHAPES)
    assert structure(graph_of(f"z = X.{name}({given})", SHAPES)) == structure(own)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("X.mean(dim=0)", "mean(X, axis=0)"),
        ("mean(X, dim=(0, 1), keepdim=True)", "mean(X, axis=(0, 1), keepdims=True)"),
        ("sum(input=X)", "sum(X)"),
        ("add(X, other=Y)", "add(X, Y)"),
        ("X.std(dim=0, unbiased=True)", "std(X, axis=0, ddof=1)"),
        ("X.var(0, unbiased=False)", "var(X, axis=0, ddof=0)"),
        ("var(X, dim=1, correction=0)", "var(X, axis=1, ddof=0)"),
        ("amax(X, dim=0)", "max(X, axis=0)"),
        ("cat([X, Y], dim=1)", "concatenate([X, Y], axis=1)"),
        ("stack(tensors=[X, Y], dim=1)", "stack([X, Y], axis=1)"),
        ("roll(X, shifts=1, dims=0)", "roll(X, 1, axis=0)"),
        ("flip(X, dims=(0, 1))", "flip(X, axis=(0, 1))"),
        ("permute(X, dims=(1, 0))", "transpose(X, axes=(1, 0))"),
        ("where(X > 0, input=X, other=Y)", "where(X > 0, X, Y)"),
        ("mse_loss(input=X, target=Y, reduction='sum')", "mse(X, Y, reduction='sum')"),
        ("clip(X, a_min=0, a_max=1)", "clip(X, 0, 1)"),
        ("diagonal(X, dim1=1, dim2=0)", "diagonal(X, axis1=1, axis2=0)"),
        ("swapdims(X, dim0=0, dim1=1)", "swapaxes(X, 0, 1)"),
        ("softmax(input=X, dim=0)", "softmax(X, axis=0)"),
    ],
)
def test_arguments_as_they_are_called_elsewhere(text: str, own: str) -> None:
    """They are the op's own."""
    found, expected = (graph_of(f"z = {line}", SHAPES) for line in (text, own))
    assert structure(found) == structure(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max(X, dim=0)", "PyTorch's 'max' along dim gives the values and where they stand"),
        ("X.min(dim=0)", "PyTorch's 'min' along dim gives the values and where they stand"),
        ("X.std(dim=0)", "'std' has no argument 'dim'"),
        ("sum(X, dim=0, axis=0)", "'sum' is given 'axis' twice"),
        ("mse_loss(X, Y, 'sum')", "'mse_loss' takes 'reduction' by name only"),
        ("pow(X)", "'pow' is missing 'y'"),
    ],
)
def test_what_is_another_thing_elsewhere_is_refused(text: str, message: str) -> None:
    """A message calls a function as it is written."""
    assert problem_of(f"z = {text}", SHAPES).message == message


def test_a_definition_of_that_name_comes_first() -> None:
    """A program that says what ``clamp`` is means that."""
    found = graph_of("def clamp(a):\n    return 2 * a\nz = clamp(X)", SHAPES)
    assert found.find("z").op == "multiply"
