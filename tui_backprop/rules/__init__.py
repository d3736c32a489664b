"""The op table: one row per op, by name.

Adding an op is adding a row to a file in a folder of `ops`; its name is written here from there. A
file is imported when one of its ops is asked for, so that a program pays only for what it uses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

from tui_backprop.spelling import near

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.rules.rule import Rule

__all__ = ["RULES", "TABLES", "find"]

_LISTED: Final = """
elementwise.arithmetic     add subtract multiply divide negative power float_power square sqrt cbrt
                           reciprocal remainder fmod
elementwise.functions      exp log sigmoid exp2 expm1 log2 log10 log1p logaddexp logaddexp2 erf sin
                           cos tanh tan sinc arcsin arccos arctan arctan2 hypot sinh cosh arcsinh
                           arccosh arctanh
elementwise.special        rsqrt erfc erfinv lgamma digamma logit xlogy
elementwise.choice         relu abs maximum minimum where less less_equal greater greater_equal
                           equal not_equal clip
elementwise.piecewise      frac copysign heaviside nan_to_num fmax fmin stop_gradient
elementwise.arithmetic     floor ceil trunc round sign floor_divide
reducing.reductions        sum prod logsumexp
reducing.statistics        mean var std average
reducing.reductions        max min
reducing.norms             norm
reducing.reductions        cumsum cumprod
reducing.running           logcumsumexp
linear.matmul              matmul addmm
linear.products            dot inner tensordot einsum outer vdot kron
linear.matrices            trace diagonal diag tril triu
linear.linear_algebra      det inv solve
layout.indexing            transpose reshape index
layout.rearrange           ravel squeeze expand_dims broadcast_to swapaxes moveaxis flip roll tile
                           repeat pad
layout.joining             concatenate stack vstack hstack
layout.embedding           embedding
elementwise.activation     log_sigmoid softplus leaky_relu elu selu gelu silu mish hardtanh dropout
network.softmax            softmax log_softmax
network.normalization      layer_norm batch_norm rms_norm
network.similarity         cosine_similarity
network.attention          scaled_dot_product_attention
losses.losses              mse mae huber hinge kl_div
losses.binary_losses       binary_cross_entropy binary_cross_entropy_with_logits
losses.cross_entropy       cross_entropy
losses.nll                 nll
losses.margins             multi_margin
network.convolution        conv1d conv2d
network.conv_transpose     conv_transpose1d conv_transpose2d
network.pooling            max_pool1d max_pool2d avg_pool1d avg_pool2d
network.adaptive_pooling   adaptive_max_pool1d adaptive_max_pool2d adaptive_avg_pool1d
                           adaptive_avg_pool2d
network.resizing           interpolate pixel_shuffle
reducing.order             sort topk median quantile cummax cummin
reducing.places            argsort argmax argmin
layout.taking              take take_along_axis gather index_select
layout.index_add           index_add
linear.factors             cholesky qr_q qr_r
linear.triangular          solve_triangular
linear.eigen               eigvalsh eigvecsh
linear.pseudo              pinv logabsdet signdet
linear.singular            svdvals svd_u svd_vh
layout.unfolding           flatten unfold
reducing.ranks             kthvalue nanmedian nanquantile percentile
"""  # python -m tests.readme writes it from the rows


def _tables() -> Iterator[tuple[str, str]]:
    """Files and names as listed; a line that begins with a space goes on."""
    for group in re.split(r"\n(?! )", _LISTED.strip()):
        file, *names = group.split()
        yield file, " ".join(names)


TABLES: Final[tuple[tuple[str, str], ...]] = tuple(_tables())
"""The files that hold rows, in the order in which people meet them, and the ops in each.

A file stands at each place where people meet some of its ops: ``arithmetic`` at first with sums and
products, and behind ``choice`` with what rounds, which like a choice has kinks or jumps.
"""


class _Rules(Mapping[str, "Rule"]):
    """Every op by its name in programs; read-only."""

    def __init__(self) -> None:
        self._homes = {name: file for file, names in TABLES for name in names.split()}
        self._loaded: dict[str, Rule] = {}

    def __getitem__(self, name: str) -> Rule:
        """The row, with all others of its file."""
        if name not in self._loaded:
            file = import_module(f"tui_backprop.rules.ops.{self._homes[name]}")
            self._loaded.update((rule.name, rule) for rule in file.RULES)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)

    def __contains__(self, name: object) -> bool:
        return name in self._homes


RULES: Final[Mapping[str, Rule]] = _Rules()


def find(name: str) -> Rule:
    """The row of an op.

    Raises:
        RuleError: there is none; the message names the nearest, and where to add it.
    """
    found = RULES.get(name)
    if found is None:
        from tui_backprop.rules.rule import no_such_rule

        raise no_such_rule(name, near(name, RULES, most=3))
    return found
