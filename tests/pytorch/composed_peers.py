"""PyTorch's peer of every composed op that has one: calls of both, on leaves of these shapes.

In a peer ``t`` has the functions for networks, and what the module torch has beside these.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


class Case(NamedTuple):
    """A call here and there.

    Attributes:
        call: an expression of the program language.
        peer: ``(t, *leaves)`` → its value in PyTorch.
        shapes: one for each leaf; they are called a, b, c and so on.
        is_positive: whether the leaves are.
    """

    call: str
    peer: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...] = ((3, 4),)
    is_positive: bool = False


_TWO: Final = ((3, 4), (3, 4))
_THREE: Final = ((3, 4), (3, 4), (3, 4))
_MATRICES: Final = ((3, 3), (3, 3))
_LABELS: Final = "where(c > 0, 1, -1)"


def both(torch: Any) -> Any:
    """What ``t`` is in a peer."""
    return SimpleNamespace(**vars(torch) | vars(torch.nn.functional))


def _sign(t: Any, x: Any) -> Any:
    return t.where(x > 0, 1.0, -1.0).to(x.dtype)


CASES: Final[tuple[Case, ...]] = (
    Case("relu6(4 * a)", lambda t, a: t.relu6(4 * a)),
    # Its slope is 1/6 in float32, whatever the numbers are.
    Case("hardsigmoid(4 * a)", lambda t, a: t.relu6(4 * a + 3) / 6),
    Case("hardswish(4 * a)", lambda t, a: t.hardswish(4 * a)),
    Case("softsign(a)", lambda t, a: t.softsign(a)),
    Case("softmin(a)", lambda t, a: t.softmin(a, -1)),
    Case("softmin(a, dim=0)", lambda t, a: t.softmin(a, 0)),
    Case("tanhshrink(a)", lambda t, a: t.tanhshrink(a)),
    Case("softshrink(a)", lambda t, a: t.softshrink(a)),
    Case("softshrink(a, 1)", lambda t, a: t.softshrink(a, 1.0)),
    Case("hardshrink(a)", lambda t, a: t.hardshrink(a)),
    Case("hardshrink(a, lambd=1)", lambda t, a: t.hardshrink(a, 1.0)),
    Case("celu(a)", lambda t, a: t.celu(a)),
    Case("celu(a, alpha=2)", lambda t, a: t.celu(a, 2.0)),
    Case("celu(a, -2)", lambda t, a: t.celu(a, -2.0)),
    Case("prelu(a, b)", lambda t, a, b: t.prelu(a, b), ((3, 4), (4,))),
    Case("prelu(a, b)", lambda t, a, b: t.prelu(a, b), ((3, 4), (1,))),
    Case("prelu(a, b)", lambda t, a, b: t.prelu(a, b), ((2, 3, 4), (3,))),
    Case("threshold(a, 0.5, 7)", lambda t, a: t.threshold(a, 0.5, 7.0)),
    Case("glu(a)", lambda t, a: t.glu(a)),
    Case("glu(a, dim=0)", lambda t, a: t.glu(a, 0), ((4, 3),)),
    Case("glu(a, 1)", lambda t, a: t.glu(a, 1), ((2, 4, 3),)),
    Case("logcosh(a)", lambda t, a: t.log(t.cosh(a))),
    Case("smooth_l1(2 * a, b)", lambda t, a, b: t.smooth_l1_loss(2 * a, b), _TWO),
    Case("smooth_l1_loss(a, target=b, beta=0.3, reduction='sum')",
         lambda t, a, b: t.smooth_l1_loss(a, b, beta=0.3, reduction="sum"), _TWO),
    Case("smooth_l1(a, b, beta=0, reduction='none')",
         lambda t, a, b: t.smooth_l1_loss(a, b, beta=0.0, reduction="none"), _TWO),
    Case("poisson_nll(a, b)", lambda t, a, b: t.poisson_nll_loss(a, b), _TWO, True),
    Case("poisson_nll(a, b, False, reduction='none')",
         lambda t, a, b: t.poisson_nll_loss(a, b, False, reduction="none"), _TWO, True),
    Case("poisson_nll_loss(a, b, full=True, reduction='sum')",
         lambda t, a, b: t.poisson_nll_loss(a, b, full=True, reduction="sum"), _TWO, True),
    Case("pairwise_distance(a, b)", lambda t, a, b: t.pairwise_distance(a, b), _TWO),
    Case("pairwise_distance(a, b, 1, keepdim=True)",
         lambda t, a, b: t.pairwise_distance(a, b, 1.0, keepdim=True), _TWO),
    Case("gaussian_nll(a, b, c)", lambda t, a, b, c: t.gaussian_nll_loss(a, b, c), _THREE, True),
    Case("gaussian_nll(a, b, c, True, 0.9, 'none')",
         lambda t, a, b, c: t.gaussian_nll_loss(a, b, c, True, 0.9, "none"), _THREE, True),
    Case("triplet_margin(a, b, c)", lambda t, a, b, c: t.triplet_margin_loss(a, b, c), _THREE),
    Case("triplet_margin_loss(anchor=a, positive=b, negative=c, margin=2, p=1, swap=True)",
         lambda t, a, b, c: t.triplet_margin_loss(a, b, c, 2.0, 1.0, swap=True), _THREE),
    Case(f"cosine_embedding(a, b, {_LABELS})",
         lambda t, a, b, c: t.cosine_embedding_loss(a, b, _sign(t, c)), (*_TWO, (3,))),
    Case(f"cosine_embedding_loss(a, b, {_LABELS}, margin=-0.5, reduction='none')",
         lambda t, a, b, c: t.cosine_embedding_loss(
             a, b, _sign(t, c), -0.5, reduction="none"), (*_TWO, (3,))),
    Case(f"margin_ranking(a, b, {_LABELS}, 0.5)",
         lambda t, a, b, c: t.margin_ranking_loss(a, b, _sign(t, c), 0.5), _THREE),
    Case(f"hinge_embedding(a, {_LABELS.replace('c', 'b')}, 0.5, reduction='none')",
         lambda t, a, b: t.hinge_embedding_loss(a, _sign(t, b), 0.5, reduction="none"), _TWO),
    Case(f"soft_margin(a, {_LABELS.replace('c', 'b')})",
         lambda t, a, b: t.soft_margin_loss(a, _sign(t, b)), _TWO),
    Case("multilabel_soft_margin(a, b > 0)",
         lambda t, a, b: t.multilabel_soft_margin_loss(a, (b > 0).to(a.dtype)), _TWO),
    Case("multilabel_soft_margin_loss(a, b > 0, weight=c, reduction='none')",
         lambda t, a, b, c: t.multilabel_soft_margin_loss(
             a, (b > 0).to(a.dtype), c, reduction="none"), _THREE),
    Case("deg2rad(a)", lambda t, a: t.deg2rad(a)),
    Case("rad2deg(a)", lambda t, a: t.rad2deg(a)),
    Case("positive(a) * a", lambda t, a: t.positive(a) * a),
    Case("lerp(a, b, c)", lambda t, a, b, c: t.lerp(a, b, c), _THREE),
    Case("lerp(a, end=b, weight=0.75)", lambda t, a, b: t.lerp(a, b, 0.75), _TWO),
    Case("addcmul(a, b, c)", lambda t, a, b, c: t.addcmul(a, b, c), _THREE),
    Case("addcmul(a, b, c, value=0.5)",
         lambda t, a, b, c: t.addcmul(a, b, c, value=0.5), _THREE),
    Case("addcdiv(a, b, c, value=2)",
         lambda t, a, b, c: t.addcdiv(a, b, c, value=2), _THREE, True),
    Case("baddbmm(a, b, c, beta=2, alpha=3)",
         lambda t, a, b, c: t.baddbmm(a, b, c, beta=2, alpha=3), ((2, 3, 3), (2, 3, 4), (2, 4, 3))),
    Case("addmv(a, b, c, alpha=3)",
         lambda t, a, b, c: t.addmv(a, b, c, alpha=3), ((3,), (3, 4), (4,))),
    Case("addr(a, b, c)", lambda t, a, b, c: t.addr(a, b, c), ((3, 4), (3,), (4,))),
    Case("a * isnan(a / b) + isinf(a) * a + a * isfinite(b)", lambda t, a, b: a * (
        t.isnan(a / b) * 1.0 + t.isinf(a) * 1.0 + t.isfinite(b) * 1.0), _TWO),
    Case("a * logical_and(a > 0, b > 0) + b * logical_or(a > 0, b > 0)",
         lambda t, a, b: a * t.logical_and(a > 0, b > 0) + b * t.logical_or(a > 0, b > 0), _TWO),
    Case("a * logical_xor(a > 0, b > 0) + b * logical_not(a > 0)",
         lambda t, a, b: a * t.logical_xor(a > 0, b > 0) + b * t.logical_not(a > 0), _TWO),
    Case("a * any(a > 1, dim=1, keepdim=True) + a * all(a > -1, axis=0)",
         lambda t, a: a * t.any(a > 1, 1, keepdim=True) + a * t.all(a > -1, 0)),
    Case("a * count_nonzero(a > 0)", lambda t, a: a * t.count_nonzero(a > 0)),
    Case("nansum(where(a > 0, nan, 1) * b, dim=1)",
         lambda t, a, b: t.nansum(t.where(a > 0, t.nan, 1.0) * b, 1), _TWO),
    Case("nanmean(where(a > 0, nan, b), axis=0, keepdims=True)",
         lambda t, a, b: t.nanmean(t.where(a > 0, t.nan, b), 0, keepdim=True), ((8, 4), (8, 4))),
    Case("nanvar(a, 0, correction=1) + nanstd(a, axis=0, ddof=1)",
         lambda t, a: t.var(a, 0) + t.std(a, 0)),
    Case("nanstd(a - a, ddof=1)", lambda t, a: t.std(a - a)),
    Case("trapezoid(a)", lambda t, a: t.trapezoid(a)),
    Case("trapezoid(a, b)", lambda t, a, b: t.trapezoid(a, b), ((3, 4), (4,))),
    Case("trapezoid(a, b, dim=0)", lambda t, a, b: t.trapezoid(a, b, dim=0), _TWO),
    Case("trapz(a, dx=0.5, axis=0)", lambda t, a: t.trapezoid(a, dx=0.5, dim=0)),
    Case("diff(a)", lambda t, a: t.diff(a)),
    Case("a.diff(2, dim=0)", lambda t, a: t.diff(a, 2, dim=0)),
    Case("diff(a, 0)", lambda t, a: t.diff(a, 0) * 1),
    Case("cov(a)", lambda t, a: t.cov(a)),
    Case("cov(a, correction=0)", lambda t, a: t.cov(a, correction=0)),
    Case("corrcoef(a)", lambda t, a: t.corrcoef(a)),
    Case("flipud(a)", lambda t, a: t.flipud(a)),
    Case("a.fliplr()", lambda t, a: t.fliplr(a)),
    *(Case(f"rot90(a, {k})", lambda t, a, k=k: t.rot90(a, k)) for k in range(-2, 5)),
    Case("rot90(a, k=1, dims=(2, 0))", lambda t, a: t.rot90(a, 1, (2, 0)), ((2, 3, 4),)),
    Case("a.rot90(3, axes=(1, 2))", lambda t, a: t.rot90(a, 3, (1, 2)), ((2, 3, 4),)),
    *(Case(f"atleast_{n}d(a * a)", lambda t, a, n=n: getattr(t, f"atleast_{n}d")(a * a), (shape,))
      for n in (1, 2, 3) for shape in ((), (3,), (3, 4), (2, 3, 4))),
    Case("column_stack([a, b, a])", lambda t, a, b: t.column_stack([a, b, a]), ((3,), (3, 2))),
    Case("dstack([a, b])", lambda t, a, b: t.dstack([a, b]), _TWO),
    Case("dstack([a, b, a])", lambda t, a, b: t.dstack([a, b, a]), ((3,), (3,))),
    Case("matrix_transpose(a)", lambda t, a: t.swapaxes(a, -1, -2), ((2, 3, 4),)),
    Case("vecdot(a, b)", lambda t, a, b: t.linalg.vecdot(a, b), _TWO),
    Case("vecdot(a, b, dim=0)", lambda t, a, b: t.linalg.vecdot(a, b, dim=0), _TWO),
    *(Case(f"matrix_power(a, {n})", lambda t, a, n=n: t.linalg.matrix_power(a, n), ((3, 3),))
      for n in (-2, -1, 1, 2, 5)),
    Case("a + matrix_power(a, 0)", lambda t, a: a + t.eye(3, dtype=a.dtype), ((2, 3, 3),)),
    Case("multi_dot([a, b, c])", lambda t, a, b, c: t.linalg.multi_dot([a, b, c]),
         ((3, 4), (4, 2), (2,))),
    Case("cross(a, b)", lambda t, a, b: t.linalg.cross(a, b), ((4, 3), (4, 3))),
    Case("cross(a, b, dim=0)", lambda t, a, b: t.linalg.cross(a, b, dim=0), ((3, 4), (3, 4))),
    Case("linear(a, b)", lambda t, a, b: t.linear(a, b), ((2, 3, 4), (5, 4))),
    Case("linear(input=a, weight=b, bias=c)", lambda t, a, b, c: t.linear(a, b, c),
         ((3, 4), (5, 4), (5,))),
    Case("normalize(a)", lambda t, a: t.normalize(a)),
    Case("normalize(a, 1, 0)", lambda t, a: t.normalize(a, 1.0, 0)),
    Case("normalize(a, dim=0, eps=9)", lambda t, a: t.normalize(a, dim=0, eps=9.0)),
    Case("cdist(a, b)", lambda t, a, b: t.cdist(a, b), ((2, 3, 4), (2, 5, 4))),
    Case("cdist(a, b, 1)", lambda t, a, b: t.cdist(a, b, 1.0), ((3, 4), (5, 4))),
    Case("cdist(a, b, p=3)", lambda t, a, b: t.cdist(a, b, 3.0), ((3, 4), (5, 4))),
    Case("cdist(a, b, inf)", lambda t, a, b: t.cdist(a, b, t.inf), ((3, 4), (5, 4))),
    Case("dist(a, b)", lambda t, a, b: t.dist(a, b), _TWO),
    Case("dist(a, b, 1)", lambda t, a, b: t.dist(a, b, 1), _TWO),
    Case("matrix_norm(a)", lambda t, a: t.linalg.matrix_norm(a), ((2, 3, 4),)),
    Case("matrix_norm(a, ord='nuc', keepdims=True)",
         lambda t, a: t.linalg.matrix_norm(a, "nuc", keepdim=True), ((2, 3, 4),)),
    Case("group_norm(a, 2)", lambda t, a: t.group_norm(a, 2), ((3, 8),)),
    Case("group_norm(a, 2, b, c, 0.01)", lambda t, a, b, c: t.group_norm(a, 2, b, c, 0.01),
         ((3, 4), (4,), (4,))),
    Case("group_norm(a, num_groups=3, weight=b)", lambda t, a, b: t.group_norm(a, 3, b),
         ((2, 6, 2, 3), (6,))),
    # Of a bias alone it raises "tensor does not have a device".
    Case("group_norm(a, 2, bias=b)", lambda t, a, b: t.group_norm(a, 2, t.ones_like(b), b),
         ((2, 4, 3), (4,))),
    Case("instance_norm(a)", lambda t, a: t.instance_norm(a), ((2, 3, 4),)),
    Case("instance_norm(a, weight=b, bias=c)",
         lambda t, a, b, c: t.instance_norm(a, weight=b, bias=c), ((2, 3, 4), (3,), (3,))),
    Case("vector_norm(a) + vector_norm(a, ord=3)",
         lambda t, a: t.linalg.vector_norm(a) + t.linalg.vector_norm(a, 3)),
    Case("vector_norm(a, ord=1, dim=0, keepdim=True)",
         lambda t, a: t.linalg.vector_norm(a, 1, dim=0, keepdim=True)),
    *(Case(f"vector_norm(a, {p}, (0, 2), {keeps})",
           lambda t, a, p=p, keeps=keeps: t.linalg.vector_norm(a, p, (0, 2), keeps), ((2, 3, 4),))
      for p in (0, 1, 2, 3, -1) for keeps in (True, False)),
    Case("vector_norm(a, keepdims=True)",
         lambda t, a: t.linalg.vector_norm(a, keepdim=True), ((2, 3, 4),)),
    Case("vector_norm(a, 3, -1)", lambda t, a: t.linalg.vector_norm(a, 3, -1), ((),)),
    Case("matrix_norm(a, 'fro', (0, 2), True)",
         lambda t, a: t.linalg.matrix_norm(a, "fro", (0, 2), True), ((2, 3, 4),)),
    Case("diff(a, 2, 0, b, c)", lambda t, a, b, c: t.diff(a, 2, 0, b, c),
         ((3, 4), (1, 4), (2, 4))),
    Case("diff(a, append=b)", lambda t, a, b: t.diff(a, append=b), _TWO),
    *(Case(f"diag_embed(a, {k}, dim1=0, dim2=2)",
           lambda t, a, k=k: t.diag_embed(a, k, 0, 2)) for k in (-5, -1, 0, 2)),
    Case("addr(a, b, c, beta=0, alpha=2)",
         lambda t, a, b, c: t.addr(a, b, c, beta=0, alpha=2), ((3, 4), (3,), (4,))),
    Case("prelu(a, b)", lambda t, a, b: t.prelu(a, b), ((), (1,))),
    Case("cdist(a, b, 2, 'donot_use_mm_for_euclid_dist')",
         lambda t, a, b: t.cdist(a, b, 2, "donot_use_mm_for_euclid_dist"), ((3, 4), (5, 4))),
    Case("cov(a)", lambda t, a: t.cov(a), ((1, 4),)),
    Case("cov(a)", lambda t, a: t.cov(a), ((4,),)),
    Case("matvec(a, b)", lambda t, a, b: t.einsum("bij,bj->bi", a, b), ((2, 3, 4), (2, 4))),
    Case("vecmat(a, b)", lambda t, a, b: t.einsum("i,bij->bj", a, b), ((3,), (2, 3, 4))),
    Case("masked_fill(a, a > 1, 7) * a", lambda t, a: t.masked_fill(a, a > 1, 7) * a),
    Case("a.masked_fill(mask=b > 0, value=-1)",
         lambda t, a, b: t.masked_fill(a, b > 0, -1), _TWO),
    Case("narrow(a, 0, 1, 2)", lambda t, a: t.narrow(a, 0, 1, 2)),
    Case("a.narrow(dim=1, start=-3, length=2)", lambda t, a: t.narrow(a, 1, -3, 2)),
    Case("diagflat(a, 1)", lambda t, a: t.diagflat(a, 1)),
    Case("diag_embed(a)", lambda t, a: t.diag_embed(a)),
    Case("addbmm(a, b, c, beta=2, alpha=3)",
         lambda t, a, b, c: t.addbmm(a, b, c, beta=2, alpha=3), ((3, 3), (2, 3, 4), (2, 4, 3))),
    Case("a.clamp_max(0.5)", lambda t, a: t.clamp_max(a, 0.5)),
    Case("convolve(a, b)", lambda t, a, b: t.conv1d(
        a[None, None], t.flip(b, (0,))[None, None], padding=3)[0, 0], ((7,), (4,))),
    Case("correlate(a, b)", lambda t, a, b: t.conv1d(a[None, None], b[None, None])[0, 0],
         ((7,), (4,))),
    Case("gradient(a, 0.5, axis=1)", lambda t, a: t.gradient(a, spacing=0.5, dim=1)[0]),
    Case("gradient(a)", lambda t, a: t.gradient(a)[0], ((5,),)),
    Case("nanmax(where(b > 0, nan, a), 0)",
         lambda t, a, b: t.amax(t.where(b > 0, -t.inf, a), 0), ((8, 4), (8, 4))),
    Case("logmeanexp(a, 0)", lambda t, a: t.logsumexp(a, 0) - t.log(t.tensor(3.0).to(a))),
    Case("sigmoid_focal_loss(a, b / 2)", lambda t, a, b: (
        t.binary_cross_entropy_with_logits(a, b / 2, reduction="none")
        * (1 - (t.sigmoid(a) * b / 2 + (1 - t.sigmoid(a)) * (1 - b / 2))) ** 2
        * (0.25 * b / 2 + 0.75 * (1 - b / 2))), _TWO),
    Case("first_max(a, 1) + first_max(a - a, axis=1)",
         lambda t, a: t.max(a, 1).values + t.max(a - a, 1).values),
    Case("first_min(a, dim=0, keepdim=True)", lambda t, a: t.min(a, 0, True).values),
    Case("a[:2] * argtopk(a, 2, dim=0)", lambda t, a: a[:2] * t.topk(a, 2, 0).indices),
    Case("a[:, :2] * argtopk(a, 2, largest=False)",
         lambda t, a: a[:, :2] * t.topk(a, 2, largest=False).indices),
    Case("a * argkthvalue(a, 2, keepdims=True) + argkthvalue(a, 3, dim=0)",
         lambda t, a: a * t.kthvalue(a, 2, keepdim=True).indices + t.kthvalue(a, 3, 0).indices),
    Case("a * argcummax(a, 0) + argcummax(a - a, dim=-1)",
         lambda t, a: a * t.cummax(a, 0).indices + t.cummax(a - a, 1).indices),
    Case("a * argcummin(a, 0) + argcummin(a - a, dim=1)",
         lambda t, a: a * t.cummin(a, 0).indices + t.cummin(a - a, 1).indices),
    Case("entr(a)", lambda t, a: t.special.entr(a), is_positive=True),
    Case("xlog1py(a, b)", lambda t, a, b: t.special.xlog1py(a, b), _TWO, True),
    Case("ndtr(2 * a)", lambda t, a: t.special.ndtr(2 * a)),
    Case("ldexp(a, b)", lambda t, a, b: t.ldexp(a, b), _TWO),
    Case("logdet(a @ a.T + diag([3, 3, 3]))",
         lambda t, a: t.logdet(a @ a.T + 3 * t.eye(3, dtype=a.dtype))),
    Case("logdet(-(a @ a.T))", lambda t, a: t.logdet(-(a @ a.T)).detach() + 0 * a.sum(), ((3, 3),)),
    Case("a * one_hot([2, 0, 2], 4)",
         lambda t, a: a * t.nn.functional.one_hot(t.tensor([2, 0, 2]), 4)),
    Case("block_diag(a, b)", lambda t, a, b: t.block_diag(a, b), ((3, 4), (2, 1))),
    Case("block_diag(a, b)", lambda t, a, b: t.block_diag(a, b), ((3,), ())),
    # Its vander is changed in place while it is made, and then has no gradient.
    Case("vander(a)", lambda t, a: t.stack([a**3, a**2, a, a**0], 1), ((4,),)),
    Case("vander(a, 3, increasing=True)", lambda t, a: t.stack([a**0, a, a**2], 1), ((5,),)),
    Case("pixel_unshuffle(a, 2)", lambda t, a: t.pixel_unshuffle(a, 2), ((2, 3, 4, 6),)),
    Case("pixel_unshuffle(a, 3)", lambda t, a: t.pixel_unshuffle(a, 3), ((2, 3, 6),)),
    Case("channel_shuffle(a * a, 2)", lambda t, a: t.channel_shuffle(a * a, 2), ((2, 6, 2, 3),)),
    Case("lp_pool2d(a, 2, 2)", lambda t, a: t.lp_pool2d(a, 2, 2), ((2, 3, 4, 6),)),
    Case("lp_pool2d(a, norm_type=3, kernel_size=(2, 3), stride=1)",
         lambda t, a: t.lp_pool2d(a, 3, (2, 3), 1), ((1, 1, 4, 6),), True),
    Case("local_response_norm(a, 3)", lambda t, a: t.local_response_norm(a, 3), ((2, 5, 2, 3),)),
    Case("local_response_norm(a, 4, alpha=0.5, beta=0.5, k=2.0)",
         lambda t, a: t.local_response_norm(a, 4, 0.5, 0.5, 2.0), ((2, 5, 3),)),
    Case("bilinear(a, b, c)", lambda t, a, b, c: t.bilinear(a, b, c),
         ((3, 4), (3, 5), (2, 4, 5))),
    Case("cumulative_trapezoid(a)", lambda t, a: t.cumulative_trapezoid(a)),
    Case("cumulative_trapezoid(a, dx=2, dim=0)",
         lambda t, a: t.cumulative_trapezoid(a, dx=2, dim=0)),
    Case("cumulative_trapezoid(a, b)", lambda t, a, b: t.cumulative_trapezoid(a, b),
         ((3, 4), (4,))),
)  # fmt: skip

SPECIAL: Final = np.array([
    -np.inf, -1e300, -1e30, -1000, -40, -6, -3, -1, -0.5, -1e-9, -0.0, 0.0, 1e-300, 1e-9, 0.5, 1,
    3, 6, 40, 1000, 1e30, 1e300, np.inf,
])  # fmt: skip
"""Numbers at kinks and far out."""


def _weighing(t: Any, weight: Any, x: Any) -> Any:
    return t.prelu(t.tensor([weight], dtype=x.dtype), x.reshape(1))[0]


ALONE: Final[tuple[Case, ...]] = (
    Case("relu6(a)", lambda t, a: t.relu6(a)),
    Case("hardsigmoid(a)", lambda t, a: t.relu6(a + 3) / 6),
    Case("hardswish(a)", lambda t, a: t.hardswish(a)),
    Case("softsign(a)", lambda t, a: t.softsign(a)),
    Case("tanhshrink(a)", lambda t, a: t.tanhshrink(a)),
    Case("softshrink(a)", lambda t, a: t.softshrink(a)),
    Case("hardshrink(a)", lambda t, a: t.hardshrink(a)),
    Case("celu(a)", lambda t, a: t.celu(a)),
    Case("celu(a, 0.5)", lambda t, a: t.celu(a, 0.5)),
    Case("celu(a, -2)", lambda t, a: t.celu(a, -2.0)),
    Case("threshold(a, 0.5, 7)", lambda t, a: t.threshold(a, 0.5, 7.0)),
    Case("prelu(a, 0.25)", lambda t, a: t.prelu(a, t.tensor(0.25, dtype=a.dtype))),
    Case("prelu(2.5, a)", lambda t, a: _weighing(t, 2.5, a)),
    Case("prelu(inf, a)", lambda t, a: _weighing(t, t.inf, a)),
    Case("deg2rad(a)", lambda t, a: t.deg2rad(a)),
    Case("rad2deg(a)", lambda t, a: t.rad2deg(a)),
    Case("smooth_l1(a, 0)", lambda t, a: t.smooth_l1_loss(a, t.zeros_like(a))),
    Case("smooth_l1(a, 0, beta=0)", lambda t, a: t.smooth_l1_loss(a, t.zeros_like(a), beta=0.0)),
    Case("smooth_l1(a, 0, beta=1e-3)",
         lambda t, a: t.smooth_l1_loss(a, t.zeros_like(a), beta=1e-3)),
    Case("poisson_nll(a, 2)", lambda t, a: t.poisson_nll_loss(a, t.full_like(a, 2))),
    Case("poisson_nll(a, 0, False)",
         lambda t, a: t.poisson_nll_loss(a, t.zeros_like(a), log_input=False)),
    # PyTorch's overflows where exp(-t x) does.
    Case("soft_margin(a, 1)", lambda t, a: t.softplus(-a)),
    Case("glu(stack([a, 1]))", lambda t, a: t.glu(t.stack([a, t.ones_like(a)]))),
    Case("glu(stack([2, a]))", lambda t, a: t.glu(t.stack([t.full_like(a, 2), a]))),
    Case("nansum(a)", lambda t, a: t.nansum(a)),
    # In float32 its ndtr is 0 from −6 on.
    Case("ndtr(a)", lambda t, a: t.erfc(-a / 2**0.5) / 2),
    Case("ldexp(a, 3)", lambda t, a: t.ldexp(a, t.tensor(3))),
    Case("xlog1py(2, a)", lambda t, a: t.special.xlog1py(t.full_like(a, 2), a)),
    Case("nanmean(a)", lambda t, a: t.nanmean(a)),
    Case("dist(a, 1)", lambda t, a: t.dist(a, t.ones_like(a))),
    Case("dist(a, 1, 1)", lambda t, a: t.dist(a, t.ones_like(a), 1)),
    Case("where(isfinite(a), a, 0)", lambda t, a: t.where(t.isfinite(a), a, 0.0)),
    Case("where(isinf(a), 0, a)", lambda t, a: t.where(t.isinf(a), 0.0, a)),
    Case("addcdiv(1, 2, a)",
         lambda t, a: t.addcdiv(t.ones_like(a), t.full_like(a, 2), a)),
)  # fmt: skip
"""Of one number."""

WITHOUT: Final[frozenset[str]] = frozenset(
    {"ediff1d", "ptp", "polyval", "nanprod", "nancumsum", "nanmin"}
)
"""Composed ops of NumPy's that PyTorch has not: finite differences are their only witness."""
