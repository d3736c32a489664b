"""The op table: one row per op, by name.

Adding an op is adding a row to a file in `ops`; its name is written here from there. A file is
imported when one of its ops is asked for, so that a program pays only for the ops that it uses.
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
arithmetic      add subtract multiply divide negative power float_power square sqrt cbrt reciprocal
                remainder fmod
functions       exp log sigmoid exp2 expm1 log2 log10 log1p logaddexp logaddexp2 erf sin cos tanh
                tan sinc arcsin arccos arctan arctan2 hypot sinh cosh arcsinh arccosh arctanh
special         rsqrt erfc erfinv lgamma digamma logit xlogy
choice          relu abs maximum minimum where less less_equal greater greater_equal equal not_equal
                clip
piecewise       frac copysign heaviside nan_to_num fmax fmin stop_gradient
arithmetic      floor ceil trunc round sign floor_divide
reductions      sum prod logsumexp
statistics      mean var std average
reductions      max min
norms           norm
reductions      cumsum cumprod
running         logcumsumexp
matmul          matmul addmm
products        dot inner tensordot einsum outer vdot kron
matrices        trace diagonal diag tril triu
linear_algebra  det inv solve
indexing        transpose reshape index
rearrange       ravel squeeze expand_dims broadcast_to swapaxes moveaxis flip roll tile repeat pad
joining         concatenate stack vstack hstack
embedding       embedding
activation      log_sigmoid softplus leaky_relu elu selu gelu silu mish hardtanh dropout
softmax         softmax log_softmax
normalization   layer_norm batch_norm rms_norm
similarity      cosine_similarity
attention       scaled_dot_product_attention
losses          mse mae huber hinge kl_div
binary_losses   binary_cross_entropy binary_cross_entropy_with_logits
classification  cross_entropy nll
margins         multi_margin
convolution     conv1d conv2d
conv_transpose  conv_transpose1d conv_transpose2d
pooling         max_pool1d max_pool2d avg_pool1d avg_pool2d
adaptive_pooling adaptive_max_pool1d adaptive_max_pool2d adaptive_avg_pool1d adaptive_avg_pool2d
resizing        interpolate pixel_shuffle
order           sort topk median quantile cummax cummin
places          argsort argmax argmin
taking          take take_along_axis gather index_select index_add
factors         cholesky qr_q qr_r
triangular      solve_triangular
eigen           eigvalsh eigvecsh
pseudo          pinv logabsdet signdet
singular        svdvals svd_u svd_vh
unfolding       flatten unfold
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
