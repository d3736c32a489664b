"""The special points that are measured: where an op has a corner, a tie, a pole or a jump."""

from __future__ import annotations

from math import inf, nan
from typing import Any, Final, NamedTuple


class Point(NamedTuple):
    """One point.

    Attributes:
        id: its name.
        op: the op, as it is called here.
        at: where it is, in words.
        inputs: the operands that receive a gradient, by name.
        of: the scalar whose gradient is taken, as a program writes it; ``sum`` of all entries.
    """

    id: str
    op: str
    at: str
    inputs: dict[str, Any]
    of: str


_TIE: Final = {"x": [2.0, 2.0, 1.0]}
_TWICE: Final = {"x": 2.0, "y": 2.0}
_PAIR: Final = {"x": [1.0, 0.0], "y": [0.0, 0.0]}

POINTS: Final = (
    Point("relu6", "relu6", "both corners, 0 and 6", {"x": [0.0, 6.0]}, "sum(relu6(x))"),
    Point("hardswish", "hardswish", "both corners, -3 and 3", {"x": [-3.0, 3.0]},
          "sum(hardswish(x))"),
    Point("hardsigmoid", "hardsigmoid", "both corners, -3 and 3", {"x": [-3.0, 3.0]},
          "sum(hardsigmoid(x))"),
    Point("softshrink", "softshrink", "both corners, -0.5 and 0.5", {"x": [-0.5, 0.5]},
          "sum(softshrink(x, 0.5))"),
    Point("hardshrink", "hardshrink", "both jumps, -0.5 and 0.5", {"x": [-0.5, 0.5]},
          "sum(hardshrink(x, 0.5))"),
    Point("threshold", "threshold", "x = threshold = 1", {"x": 1.0}, "threshold(x, 1, 0)"),
    Point("prelu", "prelu", "x = 0, weight = 0.25", {"x": [0.0], "weight": [0.25]},
          "sum(prelu(x, weight))"),
    Point("celu", "celu", "x = 0, alpha = 0.5", {"x": 0.0}, "celu(x, 0.5)"),
    Point("softsign", "softsign", "x = 0", {"x": 0.0}, "softsign(x)"),
    Point("softplus_threshold", "softplus", "beta = 1, at threshold = 5", {"x": 5.0},
          "softplus(x, 1, 5)"),
    Point("trunc", "trunc", "x = 1", {"x": 1.0}, "trunc(x)"),
    Point("frac", "frac", "x = 1", {"x": 1.0}, "frac(x)"),
    Point("fmod_multiple", "fmod", "a multiple, x = 6, y = 3", {"x": 6.0, "y": 3.0}, "fmod(x, y)"),
    Point("fmod_rounded", "fmod", "249 multiples fit, the quotient rounds to 250",
          {"x": 0.25, "y": 0.001}, "fmod(x, y)"),
    Point("fmax_tie", "fmax", "a tie, x = y = 2", _TWICE, "fmax(x, y)"),
    Point("fmin_tie", "fmin", "a tie, x = y = 2", _TWICE, "fmin(x, y)"),
    Point("fmax_second_nan", "fmax", "x = 1, y = NaN", {"x": 1.0, "y": nan}, "fmax(x, y)"),
    Point("fmin_nan", "fmin", "x = NaN, y = 1", {"x": nan, "y": 1.0}, "fmin(x, y)"),
    Point("fmax_nans", "fmax", "x = y = NaN", {"x": nan, "y": nan}, "fmax(x, y)"),
    Point("copysign_0", "copysign", "x = 0, y = -1", {"x": 0.0, "y": -1.0}, "copysign(x, y)"),
    Point("copysign_sign_0", "copysign", "x = 2, y = 0", {"x": 2.0, "y": 0.0}, "copysign(x, y)"),
    Point("heaviside", "heaviside", "x = 0, values = 0.5", {"x": 0.0, "y": 0.5},
          "heaviside(x, y)"),
    Point("nan_to_num_each", "nan_to_num", "x = NaN, inf, -inf, 1", {"x": [nan, inf, -inf, 1.0]},
          "sum(nan_to_num(x))"),
    Point("rsqrt", "rsqrt", "x = 0", {"x": 0.0}, "rsqrt(x)"),
    Point("erfinv", "erfinv", "x = 1", {"x": 1.0}, "erfinv(x)"),
    Point("lgamma_0", "lgamma", "the pole x = 0", {"x": 0.0}, "lgamma(x)"),
    Point("lgamma_m1", "lgamma", "the pole x = -1", {"x": -1.0}, "lgamma(x)"),
    Point("digamma_0", "digamma", "the pole x = 0", {"x": 0.0}, "digamma(x)"),
    Point("digamma_m1", "digamma", "the pole x = -1", {"x": -1.0}, "digamma(x)"),
    Point("logit", "logit", "both ends, 0 and 1", {"x": [0.0, 1.0]}, "sum(logit(x))"),
    Point("logit_eps", "logit", "at the bounds that eps = 0.1 makes", {"x": [0.1, 0.9]},
          "sum(logit(x, 0.1))"),
    Point("xlogy_negative", "xlogy", "x = 0, y = -1", {"x": 0.0, "y": -1.0}, "xlogy(x, y)"),
    Point("logaddexp2_ninf", "logaddexp2", "both -inf", {"x": -inf, "y": -inf},
          "logaddexp2(x, y)"),
    Point("logcumsumexp_ninf", "logcumsumexp", "it begins with -inf", {"x": [-inf, 0.0, 1.0]},
          "logcumsumexp(x)[2]"),
    Point("cummax_tie", "cummax", "ties, weighted 1, 2, 3", _TIE, "sum(cummax(x) * [1, 2, 3])"),
    Point("cummin_tie", "cummin", "ties, weighted 1, 2, 3", {"x": [1.0, 1.0, 2.0]},
          "sum(cummin(x) * [1, 2, 3])"),
    Point("quantile_tie", "quantile", "the middle of [2, 2, 1]", _TIE, "quantile(x, 0.5)"),
    Point("argsort", "sort", "a NaN among numbers, weighted 1, 2, 3", {"x": [nan, 1.0, 2.0]},
          "sum(sort(x) * [1, 2, 3])"),
    Point("topk_two", "topk", "two of [2, 2, 2], weighted 1, 2", {"x": [2.0, 2.0, 2.0]},
          "sum(topk(x, 2) * [1, 2])"),
    Point("median_nan", "median", "a NaN among numbers", {"x": [nan, 1.0, 2.0]}, "median(x)"),
    Point("amax_axis", "max", "ties along an axis, by amax", {"x": [2.0, 2.0, 1.0]},
          "amax(x, axis=0)"),
    Point("kthvalue_tie", "kthvalue", "the second of [2, 2, 1]", _TIE, "kthvalue(x, 2)"),
    Point("nanmedian", "nanmedian", "three numbers beside a NaN", {"x": [nan, 1.0, 2.0, 4.0]},
          "nanmedian(x)"),
    Point("nanquantile", "nanquantile", "three numbers beside a NaN", {"x": [nan, 1.0, 2.0, 4.0]},
          "nanquantile(x, 0.5)"),
    Point("percentile_tie", "percentile", "the middle of [2, 2, 1]", _TIE, "percentile(x, 50)"),
    Point("smooth_l1", "smooth_l1", "at beta = 1, and where x = t", _PAIR,
          "smooth_l1(x, y, reduction='sum')"),
    Point("multi_margin", "multi_margin", "another score exactly a margin behind",
          {"x": [[1.0, 0.0]]}, "multi_margin(x, [0])"),
    Point("margin_ranking", "margin_ranking", "y·(x1 - x2) = margin = 0", {"x": [1.0], "y": [1.0]},
          "margin_ranking(x, y, 1)"),
    Point("hinge_embedding", "hinge_embedding", "an unlike pair, x = margin = 1", {"x": [1.0]},
          "hinge_embedding(x, -1)"),
    Point("triplet_margin", "triplet_margin", "anchor = positive, at the margin",
          {"a": [[0.0, 0.0]], "p": [[0.0, 0.0]], "n": [[1.0, 0.0]]}, "triplet_margin(a, p, n)"),
    Point("cosine_embedding", "cosine_embedding", "an unlike pair, cosine = margin = 0",
          {"x": [[1.0, 0.0]], "y": [[0.0, 1.0]]}, "cosine_embedding(x, y, -1)"),
    Point("adaptive_max_pool", "adaptive_max_pool1d", "ties, two windows of three",
          {"x": [2.0, 2.0, 2.0, 1.0, 1.0]}, "sum(adaptive_max_pool1d(x, 2))"),
    Point("interpolate_nearest", "interpolate", "three entries made five",
          {"x": [[[1.0, 2.0, 3.0]]]}, "sum(interpolate(x, 5) * [1, 2, 3, 4, 5])"),
    Point("attention_false", "scaled_dot_product_attention",
          "a query whose keys all fail a mask of truth values",
          {"q": [[1.0, 0.0]], "k": [[1.0, 0.0], [0.0, 1.0]], "v": [[1.0, 2.0], [3.0, 4.0]]},
          "sum(scaled_dot_product_attention(q, k, v, attn_mask=[False, False]))"),
    Point("cdist_0", "cdist", "two equal points", {"x": [[1.0, 2.0]], "y": [[1.0, 2.0]]},
          "sum(cdist(x, y))"),
    Point("stop_gradient", "stop_gradient", "x = 2: x · stop_gradient(x)", {"x": 2.0},
          "x * stop_gradient(x)"),
)  # fmt: skip
