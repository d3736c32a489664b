"""Calls as PyTorch writes them, where its arguments are others than NumPy's or ours."""

from __future__ import annotations

import pytest

from tests.program.support import graph_of, problem_of, structure

INPUTS = {
    "x": (3,), "X": (3, 4), "T": (2, 3, 4), "w": (4,), "b": (4,), "m": (4,), "V": (3, 4),
    "B": (3, 4),
}  # fmt: skip
OTHERS = "has other arguments"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("X.norm(1)", "vector_norm(X, 1)"),
        ("X.norm(p=2)", "vector_norm(X)"),
        ("X.norm(3, dim=(0, 1), keepdim=True)", "vector_norm(X, 3, (0, 1), True)"),
        ("X.norm(1, dim=1)", "norm(X, 1, axis=1)"),
        ("X.norm(p=1, dim=-1)", "norm(X, 1, axis=-1)"),
        ("X.norm('nuc')", "norm(X, 'nuc')"),
        ("X.norm()", "norm(X)"),
        ("x.norm(1)", "norm(x, 1)"),
        ("X.norm(dim=0)", "norm(X, axis=0)"),
        ("X.transpose(1, 0)", "transpose(X, (1, 0))"),
        ("X.transpose(-1, -2)", "transpose(X, (-1, -2))"),
        ("layer_norm(X, (4,), w, b)", "layer_norm(X, axis=-1, weight=w, bias=b)"),
        ("layer_norm(X, [4], w, b, 0.1)", "layer_norm(X, axis=-1, weight=w, bias=b, eps=0.1)"),
        ("layer_norm(X, normalized_shape=4)", "layer_norm(X, axis=-1)"),
        ("layer_norm(X, normalized_shape=[4], weight=w, bias=b)",
         "layer_norm(X, axis=-1, weight=w, bias=b)"),
        ("layer_norm(T, (3, 4), V, B)", "layer_norm(T, axis=(-2, -1), weight=V, bias=B)"),
        ("layer_norm(input=X, normalized_shape=(4,))", "layer_norm(X, axis=-1)"),
        ("rms_norm(X, (4,), w, 0.1)", "rms_norm(X, axis=-1, weight=w, eps=0.1)"),
    ],
)  # fmt: skip
def test_what_can_mean_nothing_else_is_read_so(text: str, own: str) -> None:
    """It makes the nodes of the call with our arguments."""
    found, expected = (graph_of(f"z = {code}", INPUTS) for code in (text, own))
    assert structure(found) == structure(expected)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("X.transpose(0, 1)",
         "an order of axes that changes nothing; PyTorch's transpose swaps two",
         "write swapaxes(X, 0, 1)"),
        ("(2 * X).transpose(-2, -1)",
         "an order of axes that changes nothing; PyTorch's transpose swaps two",
         "write swapaxes(2 * X, -2, -1)"),
        ("transpose(X, 0, 1)", f"PyTorch's 'transpose' {OTHERS}", "write swapaxes(X, 0, 1)"),
        ("T.transpose(dim0=1, dim1=2)", f"PyTorch's 'transpose' {OTHERS}",
         "write swapaxes(T, 1, 2)"),
        ("X.repeat(2, 1, 3)", f"PyTorch's 'repeat' {OTHERS}", "write tile(X, (2, 1, 3))"),
        ("dropout(x, 0.1)", "'dropout' takes the mask, 1 for what is kept and 0 for what is not",
         "write dropout(x, mask, p=0.1)"),
        ("dropout(x, p=0.1)", "'dropout' takes the mask, 1 for what is kept and 0 for what is not",
         "write dropout(x, mask, p=0.1)"),
        ("layer_norm(X, X.shape[1:], w, b)", f"PyTorch's 'layer_norm' {OTHERS}",
         "write layer_norm(X, axis=-1, weight=w, bias=b)"),
        ("rms_norm(X, (4,), w)", f"PyTorch's 'rms_norm' {OTHERS}",
         "write rms_norm(X, axis=-1, eps=…, weight=w)"),
        ("batch_norm(X, None, None, w, b, True)", f"PyTorch's 'batch_norm' {OTHERS}",
         "write batch_norm(X, weight=w, bias=b), of images with axis=(0, 2, 3)"),
        ("batch_norm(X, m, w, training=False, eps=0.1)", f"PyTorch's 'batch_norm' {OTHERS}",
         ("write batch_norm(X, running_mean=m, running_var=w, eps=0.1), of images with "
          "axis=(0, 2, 3)")),
        ("batch_norm(X, m, w, None, None, True)", f"PyTorch's 'batch_norm' {OTHERS}",
         "write batch_norm(X), of images with axis=(0, 2, 3)"),
        ("instance_norm(T, None, None, w, b)", f"PyTorch's 'instance_norm' {OTHERS}",
         "write instance_norm(T, weight=w, bias=b)"),
        ("layer_norm(X, 4, w)", f"PyTorch's 'layer_norm' {OTHERS}",
         "write layer_norm(X, axis=-1, weight=w)"),
        ("layer_norm(X, -1, w)", "'layer_norm' takes 'eps' by name only",
         "write layer_norm(x, axis, eps=…, weight=…, bias=…)"),
        ("layer_norm(X, foo=w)", "'layer_norm' has no argument 'foo'",
         "write layer_norm(x, axis, eps=…, weight=…, bias=…)"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, message: str, hint: str) -> None:
    """With what to write, which is not refused in turn."""
    problem = problem_of(f"z = {text}", INPUTS)
    assert (problem.message, problem.hint) == (message, hint)
    code = hint.removeprefix("write ").partition(", of images")[0]
    if "…" not in code and "mask" not in code and "T," not in code:
        graph_of(f"z = {code}", INPUTS)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("T.transpose(1, 2)", "PyTorch's 'transpose' is written swapaxes(x, 1, 2)"),
        ("T.transpose(1, 0)", "PyTorch's 'transpose' is written swapaxes(x, 1, 0)"),
        ("x.repeat(2, 1)", "PyTorch's 'repeat' is written tile(x, (2, 1))"),
        ("X.repeat((2, 3))", "PyTorch's 'repeat' is written tile(x, (2, 3))"),
        ("layer_norm(X, (4,))", "PyTorch's 'layer_norm' is written layer_norm(x, axis=-1)"),
        ("layer_norm(T, (3, 4))", "PyTorch's 'layer_norm' is written layer_norm(x, axis=(-2, -1))"),
    ],
)
def test_what_does_not_fit_may_be_pytorchs(text: str, hint: str) -> None:
    """The shapes tell it."""
    assert problem_of(f"z = {text}", INPUTS).hint == hint
