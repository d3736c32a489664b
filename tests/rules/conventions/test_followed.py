"""A framework that is followed gives what was measured in it, at every point of the table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from tests.conventions.entered import TABLE, written
from tui_backprop.rules import RULES
from tui_backprop.rules.conventions.following import rules_of
from tui_backprop.rules.conventions.framework_names import frameworks
from tui_backprop.rules.conventions.measured import is_same, measured
from tui_backprop.rules.conventions.points import POINTS, special_point
from tui_backprop.rules.conventions.words import way_words
from tui_backprop.verify.frameworks import gradients_here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array

LEFT: Final = {
    "torch": "median_even median_tie fmod_rounded digamma_m1 margin_ranking "
    "hinge_embedding cosine_embedding",
    "torch-2.14": "median_even median_tie fmod_rounded digamma_m1",
    "jax": "solve_singular gelu attention_masked fmod_rounded copysign_0 "
    "heaviside logcumsumexp_ninf cummax_tie cummin_tie median_nan "
    "interpolate_nearest attention_false",
    "jax-0.10": "solve_singular gelu attention_masked fmod_rounded copysign_0 "
    "heaviside lgamma_0 logcumsumexp_ninf cummax_tie cummin_tie median_nan "
    "interpolate_nearest attention_false",
    "tensorflow": "celu_2 kl_div_0 cosine_0 normalize_0 attention_masked",
    "paddle": "logsumexp_inf median_tie attention_masked",
    "mindspore": "logsumexp_inf log_softmax_inf median_even inv_singular relu6 hardswish",
    "tinygrad": "logsumexp_inf sort_tie topk_tie relu6 hardsigmoid hardswish "
    "softplus_inf gelu cross_entropy_ignored normalize_0 attention_masked "
    "maxpool maxpool_overlap",
    "mlx": "logsumexp_inf topk_tie celu_2 cosine_0 attention_masked maxpool maxpool_overlap",
    "pytensor": "norm_2_I cholesky eigh_I",
    "casadi": "fmax_nan max_nan sqrt_sq remainder_neg logsumexp_inf cholesky",
    "mxnet": "eigh_I",
    "jittor": "arctan2 median_even silu_ninf cross_entropy_ignored normalize_0",
    "oneflow": "max_nan logsumexp_inf median_even median_tie normalize_0",
    "chainer": "logsumexp_inf normalize_0",
    "sympy": "sqrt_sq hypot pow_02 norm relu6",
}
"""What a walk does not follow, by framework: ops as wholes, infinities, other defaults."""

_OTHER_DEFAULTS: Final = frozenset({"leaky_relu"})
"""Points where frameworks differ in a static argument, which the program says."""


def gradients(point: str, rules: Mapping[str, Rule] = RULES) -> tuple[Array, ...]:
    """The gradient by each input of a point, which no row refuses."""
    found = gradients_here(measured().point(point), rules)
    assert found is not None, point
    return found


@pytest.mark.few(6)
@pytest.mark.parametrize("framework", frameworks())
def test_what_was_measured_comes_out(framework: str) -> None:
    """At every point of the table, but where it is said that the walk does not follow."""
    left = frozenset(LEFT.get(framework, "").split())
    rules = dict(rules_of(framework))
    differing = set()
    for point in measured().points:
        given = point.gives(framework)
        if given is None or point.id in _OTHER_DEFAULTS:
            continue
        if not is_same(gradients(point.id, rules), given):
            differing.add(point.id)
    assert differing == left


def test_the_table_of_ops_goes_the_first_way_of_each_point() -> None:
    """What a row gives is the way that is called its own."""
    for special in (special for found in POINTS.values() for special in found):
        ours = gradients(special.point)
        assert special.ways[0].is_met_by(ours), special.point
        assert special.ways[0].change is None
        assert all(way.change is not None for way in special.ways[1:])


def test_every_way_is_gone_by_somebody_that_was_measured() -> None:
    """No way is a guess."""
    for special in (special for found in POINTS.values() for special in found):
        gone = {id(special.way(framework)) for framework in frameworks()}
        for way in special.ways[1:]:
            assert id(way) in gone, (special.point, way.words or way.gives)


def test_the_newest_pytorch_is_followed_but_where_it_is_said() -> None:
    """Ours are its gradients; the exceptions are a short list."""
    newest = "torch-2.14"
    differing = {
        point.id
        for point in measured().points
        if (given := point.gives(newest)) is not None and not is_same(gradients(point.id), given)
    }
    assert differing == {
        "max_axis", "max_nan", "det_singular",  # said in the row, and by its special point
        "fmax_nan", "fmax_second_nan", "fmin_nan",  # 2.14 alone pays a NaN that is stepped over
        "median_tie", "median_even",  # NumPy's median is the mean of the middle two
        "fmod_rounded", "digamma_m1",  # what rounding leaves there
    }  # fmt: skip


def test_a_row_that_nothing_changes_is_the_same_row() -> None:
    """A walk that follows a framework pays only for what differs."""
    followed = rules_of("jax")
    assert followed["tanh"] is RULES["tanh"]
    assert followed["abs"] is not RULES["abs"]
    assert followed["abs"].follows == "jax"
    assert followed["abs"] is rules_of("jax")["abs"]


def test_every_special_point_is_one_of_the_table() -> None:
    """By its name, and of the op or of one that stands in its expression."""
    for op, found in POINTS.items():
        for special in found:
            point = measured().point(special.point)
            assert special_point(special.point) is special
            assert special.op == op
            assert op in point.of or op == point.op or special.op == "sqrt"


def test_a_way_without_words_is_a_number_wherever_it_is_gone() -> None:
    """What a step says of it are not the numbers of the table's own example."""
    for special in (special for found in POINTS.values() for special in found):
        for way in special.ways:
            told = way_words(special, way)
            numbers_only = set(told) <= set("0123456789.,-+e []") | set("NaNinf")
            constants = {"0", "1", "0.5", "NaN", "inf", "-inf", "1e+12"}
            assert not numbers_only or set(told.split(", ")) <= constants, (special.point, told)


def test_the_table_stands_as_its_tool_writes_it() -> None:
    """So that what is measured anew changes the lines that it changes, and no others."""
    text = TABLE.read_text(encoding="utf-8")
    assert written(json.loads(text)) == text
