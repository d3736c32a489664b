"""What stands by position in a call stands there in the library that the op is from.

Whoever writes ``var(x, 0, 1)`` means what NumPy means by it, or is told what to write instead.
"""

from __future__ import annotations

import inspect
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest

from tests.marks import together
from tests.program.support import error_of, graph_of
from tui_backprop.program.compiling.arguments import signature
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule

_RENAMED: Final = {"a_min": "min", "a_max": "max", "dim": "axis"}

_TORCH: Final = {
    "softmax": "input dim",
    "log_softmax": "input dim",
    "logsumexp": "input dim keepdim",
    "logcumsumexp": "input dim",
    "gather": "input dim index",
    "index_select": "input dim index",
    "index_add": "input dim index source",
    "solve_triangular": "A B",
    "flatten": "input start_dim end_dim",
    "unfold": "input axis size step",
    "topk": "input k dim largest sorted",
    "kthvalue": "input k dim keepdim",
    "cummax": "input dim",
    "cummin": "input dim",
    "leaky_relu": "input negative_slope inplace",
    "elu": "input alpha inplace",
    "softplus": "input beta threshold",
    "logit": "input eps",
    "hardtanh": "input min_val max_val inplace",
    "gelu": "input",
    "dropout": "input p training inplace",
    "layer_norm": "input normalized_shape weight bias eps",
    "rms_norm": "input normalized_shape weight eps",
    "batch_norm": "input running_mean running_var weight bias training momentum eps",
    "cosine_similarity": "x1 x2 dim eps",
    "scaled_dot_product_attention": "query key value attn_mask dropout_p is_causal",
    "mse": "input target size_average reduce reduction weight",
    "mae": "input target size_average reduce reduction weight",
    "huber": "input target reduction delta weight",
    "binary_cross_entropy": "input target weight size_average reduce reduction",
    "binary_cross_entropy_with_logits": "input target weight size_average reduce reduction",
    "kl_div": "input target size_average reduce reduction log_target",
    "hinge": "input target margin size_average reduce reduction",
    "cross_entropy": "input target weight size_average ignore_index reduce reduction",
    "multi_margin": "input target p margin weight size_average reduce reduction",
    "nll": "input target weight size_average ignore_index reduce reduction",
    "embedding": "input weight padding_idx max_norm norm_type",
    "conv1d": "input weight bias stride padding dilation groups",
    "conv2d": "input weight bias stride padding dilation groups",
    "conv_transpose1d": "input weight bias stride padding output_padding groups dilation",
    "conv_transpose2d": "input weight bias stride padding output_padding groups dilation",
    "max_pool1d": "input kernel_size stride padding dilation ceil_mode return_indices",
    "max_pool2d": "input kernel_size stride padding dilation ceil_mode return_indices",
    "adaptive_max_pool1d": "input output_size return_indices",
    "adaptive_max_pool2d": "input output_size return_indices",
    "adaptive_avg_pool1d": "input output_size",
    "adaptive_avg_pool2d": "input output_size",
    "interpolate": "input size scale_factor mode align_corners",
    "pixel_shuffle": "input upscale_factor",
    "avg_pool1d": "input kernel_size stride padding ceil_mode count_include_pad",
    "avg_pool2d": "input kernel_size stride padding ceil_mode count_include_pad",
}
"""PyTorch's positions, as documented; most of these functions cannot be asked themselves."""

_OTHERWISE: Final = {
    "index": "written with brackets",
    "einsum": "the subscripts come first, whatever they are called",
    "layer_norm": "axis stands where PyTorch wants the lengths of the last axes",
    "batch_norm": "axis stands where PyTorch wants what is kept from before",
    "rms_norm": "axis stands where PyTorch wants the lengths of the last axes",
}
"""Rows whose second position is their own."""


def _numpys(name: str) -> Callable[..., Any] | None:
    return getattr(np, name, None) or getattr(np.linalg, name, None)


def _positions(rule: Rule) -> list[str] | None:
    """What the other library has at each position; None where there is no such function."""
    function = _numpys(rule.name)
    if function is None:
        return _TORCH[rule.name].split() if rule.name in _TORCH else None
    if isinstance(function, np.ufunc):
        return None
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = inspect.signature(function).parameters.values()
    return [p.name for p in found if p.kind in kinds]


def _own_positions(rule: Rule) -> list[str]:
    """Ours, from the line that people are shown."""
    if rule.family is not None:
        return ["arrays", *(p.name for p in rule.family.of(2).parameters if not p.is_named)]
    inner = signature(rule)[len(rule.name) + 1 : -1]
    found = [part.partition("=")[0] for part in inner.split(", ")]
    return found[: found.index("*")] if "*" in found else found


def _is_told(name: str) -> bool:
    """Whether the library tells the function's arguments; an older NumPy does not of builtins."""
    try:
        _positions(RULES[name])
    except ValueError:
        return False
    return True


@together(
    "name",
    [name for name in [n for n, r in RULES.items() if n not in _OTHERWISE] if _is_told(name)],
    most=40,
)
def test_what_stands_by_position_stands_there_elsewhere_too(name: str) -> None:
    """Behind the operands, whose names are ours."""
    rule = RULES[name]
    theirs = _positions(rule)
    count = 1 if rule.family is not None else len(rule.operands)
    ours = _own_positions(rule)[count:]
    if theirs is None:
        assert not ours
        return
    others = [_RENAMED.get(n, n) for n in theirs[count : count + len(ours)]]
    assert ours == others


@pytest.mark.parametrize("name", _TORCH)
def test_pytorchs_positions_are_those_written_here(name: str) -> None:
    """Where PyTorch is installed, and its function can be asked."""
    if find_spec("torch") is None:
        pytest.skip("PyTorch is not installed")
    from torch.nn import functional

    # functional.unfold is another function than that of tensors.
    called = {"unfold": "none", "mse": "mse_loss", "mae": "l1_loss", "huber": "huber_loss",
              "nll": "nll_loss", "hinge": "hinge_embedding_loss",
              "multi_margin": "multi_margin_loss"}  # fmt: skip
    function = getattr(functional, called.get(name, name), None)
    try:
        found = [p for p in inspect.signature(function).parameters if p[0] != "_"]  # type: ignore[arg-type]  # any
    except (TypeError, ValueError):
        found = ["args"]
    if found[:1] == ["args"]:
        pytest.skip("this function does not tell its arguments")
    written = _TORCH[name].split()
    assert found[: len(written)] == written


_CALLS: Final = {
    "sum(X, 0, True)": ("'sum' takes 'keepdims' by name only", "write keepdims=True"),
    "var(X, 0, 1)": ("'var' takes 'ddof' by name only", "write ddof=1"),
    "max(X, 0, keepdims)": ("'max' takes 'keepdims' by name only", "write keepdims=keepdims"),
    "huber(x, y, 0.5)": ("'huber' takes 'delta' by name only", "write delta=0.5"),
    "average(X, 0, x)": (
        "'average' takes 'keepdims' by name only",
        "write average(x, axis, keepdims=…, weights=…)",
    ),
    "sum(X, 0, False, 1)": ("'sum' takes 'keepdims' by name only", "write keepdims=False"),
}


@pytest.mark.parametrize("text", _CALLS)
def test_what_is_given_by_name_only_says_so(text: str) -> None:
    """With what to write."""
    problem = error_of(f"z = {text}").problems[0]
    assert (problem.message, problem.hint) == _CALLS[text]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("norm(X, 2, 0, True)", (1, 4)),
        ("sum(X, 0, keepdims=True)", (1, 4)),
        ("var(X, 0, ddof=1)", (4,)),
        ("average(X, weights=X, axis=0)", (4,)),
        ("average(X, 1)", (3,)),
    ],
)
def test_what_may_stand_by_position(text: str, shape: tuple[int, ...]) -> None:
    """And by name."""
    assert graph_of(f"z = {text}").nodes[-1].shape == shape


def test_the_line_that_people_are_shown_has_the_star() -> None:
    """As Python writes it."""
    assert signature(RULES["var"]) == "var(x, axis=None, *, ddof=0, keepdims=False)"
    assert signature(RULES["clip"]) == "clip(x, min=None, max=None)"
    assert signature(RULES["conv1d"]).startswith("conv1d(x, w, bias=None, stride=1,")
