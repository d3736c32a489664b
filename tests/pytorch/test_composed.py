"""Composed ops against PyTorch: values and gradients, on generic numbers and on special ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.pytorch.composed_peers import ALONE, CASES, SPECIAL, WITHOUT, Case, both
from tui_backprop.graph.model import Backward
from tui_backprop.program import build
from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.aliases import aliases_of
from tui_backprop.timeline.trace import Trace

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

torch = pytest.importorskip("torch")
_T = both(torch)
_NAMES = "abcdefg"


def _ours(call: str, leaves: dict[str, Array], v: Array | None) -> tuple[Array, dict[str, Array]]:
    dtype = next(iter(leaves.values())).dtype
    graph = build(f"y = {call}", leaves, {}, dtype)
    node = graph.find("y")
    trace = Trace(graph, leaves, (Backward(node.id, v),))
    return trace.values["y"], dict(trace.grad)


def _theirs(case: Case, leaves: dict[str, Array], v: Array) -> tuple[Array, dict[str, Array]]:
    tensors = [torch.tensor(x, requires_grad=True) for x in leaves.values()]
    value = case.peer(_T, *tensors)
    found = torch.autograd.grad(value, tensors, torch.tensor(v), allow_unused=True)
    grads = [
        np.zeros_like(x) if g is None else g.numpy()
        for g, x in zip(found, leaves.values(), strict=True)
    ]
    return value.detach().numpy(), dict(zip(leaves, grads, strict=True))


def _agree(case: Case, leaves: dict[str, Array], rtol: float, atol: float) -> None:
    shape = case.peer(_T, *map(torch.tensor, leaves.values())).shape
    dtype = next(iter(leaves.values())).dtype
    v = np.random.default_rng(1).uniform(0.5, 2, tuple(shape)).astype(dtype)
    value, grads = _ours(case.call, leaves, v)
    expected, slopes = _theirs(case, leaves, v)
    np.testing.assert_allclose(value, expected, rtol=rtol, atol=atol)
    for name, slope in slopes.items():
        np.testing.assert_allclose(grads[name], slope, rtol=rtol, atol=atol, err_msg=name)


def _draw(case: Case, dtype: type) -> dict[str, Array]:
    random = np.random.default_rng(len(case.call))
    low = 0.2 if case.is_positive else -2
    return {
        name: np.asarray(random.uniform(low, 2, shape), dtype=dtype)
        for name, shape in zip(_NAMES, case.shapes, strict=False)
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.call}-{case.shapes}")
def test_a_composed_op_is_pytorchs(case: Case) -> None:
    """Values and gradients at numbers drawn at random."""
    _agree(case, _draw(case, np.float64), 1e-9, 1e-12)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.call}-{case.shapes}")
def test_in_single_precision(case: Case) -> None:
    """The same in float32."""
    _agree(case, _draw(case, np.float32), 1e-4, 1e-5)


@pytest.mark.parametrize("name", definitions())
def test_every_composed_op_has_a_case(name: str) -> None:
    """By itself or by an alias, unless PyTorch has no such function."""
    names = {name, *aliases_of(name)}
    calls = [case.call for case in (*CASES, *ALONE)]
    assert any(f"{n}(" in call for n in names for call in calls) != (name in WITHOUT)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("case", ALONE, ids=lambda case: case.call)
def test_at_kinks_and_far_out(case: Case, dtype: type) -> None:
    """At single numbers, infinities among them: what is neither lost nor made up."""
    rtol = 1e-9 if dtype is np.float64 else 1e-5
    with np.errstate(all="ignore"):
        for x in SPECIAL.astype(dtype):
            _agree(case, {"a": np.asarray(x)}, rtol, 0)
