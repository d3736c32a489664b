"""The words of activations, normalizations, losses and convolutions, as `words` has those of all.

PyTorch has functions for them; JAX has some, and the rest is written out where it is short.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_backprop.exports.scripts.call import Call, UnsaidError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_Word: TypeAlias = "str | Callable[[Call], str]"


def _torch(name: str, *params: str) -> _Word:
    """A function of ``torch.nn.functional`` with static arguments by name."""

    def word_in(call: Call) -> str:
        named = [f"{p}={call[p]!r}" for p in params]
        return f"functional.{name}({', '.join([*call.operands, *named])})"

    return word_in


def _jax(name: str, *params: str) -> _Word:
    def word_in(call: Call) -> str:
        return f"jax.nn.{name}({', '.join([call[0], *(repr(call[p]) for p in params)])})"

    return word_in


def _activation(torch: str, jax: str = "", *params: str) -> tuple[_Word, _Word, None]:
    return _torch(torch, *params), _jax(jax or torch, *params), None


def _gelu(call: Call) -> str:
    return f"jax.nn.gelu({call[0]}, approximate={call['approximate'] == 'tanh'})"


def _softplus_torch(call: Call) -> str:
    """Torch goes over to x itself at 20, where ours goes on, unless somebody says where."""
    beta, threshold = call["beta"], call["threshold"]
    return f"functional.softplus({call[0]}, {beta}, {40.0 if threshold is None else threshold})"


def _softplus_jax(call: Call) -> str:
    call.only(beta=1.0, threshold=None)
    return f"jax.nn.softplus({call[0]})"


def _scale_and_shift(call: Call, found: str) -> str:
    weight, bias = (call.given.get(name) for name in ("weight", "bias"))
    found = found if weight is None else f"{weight} * {found}"
    return found if bias is None else f"{found} + {bias}"


def _layer_norm_torch(call: Call) -> str:
    if not _is_usual(call):
        raise UnsaidError
    lengths = call.shapes[0][-len(call.all_axes) :]
    found = f"functional.layer_norm({call[0]}, {lengths}, eps={call['eps']!r})"
    return _scale_and_shift(call, found)


def _normalized(call: Call) -> str:
    """Written out for JAX: along the axes, and a bias and a weight that broadcast."""
    if not {"x", "weight", "bias"}.issuperset(call.given):
        raise UnsaidError
    if len(call.given) > 1 and not _is_usual(call):
        raise UnsaidError
    return _scale_and_shift(call, f"normalized({call[0]}, {call.all_axes}, {call['eps']!r})")


def _is_usual(call: Call) -> bool:
    """Whether a weight and a bias lie along the last axes, where they broadcast as they are."""
    axes, rank = call.all_axes, len(call.shapes[0])
    if call.node.op == "batch_norm":
        return axes == (0,) and rank == 2
    return axes == tuple(range(rank - len(axes), rank))


def _batch_norm_torch(call: Call) -> str:
    """Of samples and channels, which is what torch takes them to be."""
    if not _is_usual(call) or "running_mean" in call.given:
        raise UnsaidError
    found = f"functional.batch_norm({call[0]}, None, None, training=True, eps={call['eps']!r})"
    return _scale_and_shift(call, found)


def _class_loss(name: str) -> _Word:
    def word_in(call: Call) -> str:
        if len(call.operands) != 2 or len(call.shapes[1]) >= len(call.shapes[0]):
            raise UnsaidError  # probabilities, or weights of classes
        params = ["reduction", "ignore_index"]
        params += ["label_smoothing"] if call["label_smoothing"] else []
        named = ", ".join(f"{p}={call[p]!r}" for p in params)
        return f"functional.{name}({call[0]}, {call[1]}.long(), {named})"

    return word_in


def _cross_entropy_jax(call: Call) -> str:
    is_plain = len(call.operands) == 2 and len(call.shapes[0]) == 2 and len(call.shapes[1]) == 1
    call.only(label_smoothing=0.0)
    if not is_plain or call["reduction"] not in {"mean", "sum"}:
        raise UnsaidError
    return f"-label_scores(jax.nn.log_softmax({call[0]}), {call[1]}).{call['reduction']}()"


def _pair(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


_CONV: Final = ("stride", "padding", "dilation", "groups")


def _conv2d_torch(call: Call) -> str:
    named = ", ".join(f"{p}={call[p]!r}" for p in _CONV)
    return f"functional.conv2d({', '.join(call.operands)}, {named})"


def _conv2d_jax(call: Call) -> str:
    if len(call.operands) != 2 or isinstance(call["padding"], str):
        raise UnsaidError
    rank = len(call.shapes[0])
    x = call[0] if rank == 4 else f"{call[0]}[None]"
    padding = tuple((n, n) for n in _pair(call["padding"]))
    found = (
        f"jax.lax.conv_general_dilated({x}, {call[1]}, {_pair(call['stride'])}, {padding}, "
        f"rhs_dilation={_pair(call['dilation'])}, feature_group_count={call['groups']})"
    )
    return found if rank == 4 else f"{found}[0]"


def _embedding(words: str) -> _Word:
    def word_in(call: Call) -> str:
        call.only(padding_idx=None)
        return words.format(*call.operands)

    return word_in


def _loss(torch: str, jax: str, *params: str) -> tuple[_Word, _Word, None]:
    def in_jax(call: Call) -> str:
        if call["reduction"] not in {"mean", "sum"}:
            raise UnsaidError
        return f"jnp.{call['reduction']}({jax.format(*call.operands)})"

    return _torch(torch, "reduction", *params), in_jax, None


NETWORKS: Final[Mapping[str, tuple[_Word | None, _Word | None, _Word | None]]] = MappingProxyType(
    {
        "log_sigmoid": _activation("logsigmoid", "log_sigmoid"),
        "softplus": (_softplus_torch, _softplus_jax, None),
        "leaky_relu": _activation("leaky_relu", "", "negative_slope"),
        "elu": _activation("elu", "", "alpha"),
        "selu": _activation("selu"),
        "silu": _activation("silu"),
        "mish": _activation("mish"),
        "gelu": (_torch("gelu", "approximate"), _gelu, None),
        "layer_norm": (_layer_norm_torch, _normalized, None),
        "batch_norm": (_batch_norm_torch, _normalized, None),
        "cross_entropy": (_class_loss("cross_entropy"), _cross_entropy_jax, None),
        "mse": _loss("mse_loss", "({0} - {1}) ** 2"),
        "mae": _loss("l1_loss", "jnp.abs({0} - {1})"),
        "conv2d": (_conv2d_torch, _conv2d_jax, None),
        "embedding": (
            _embedding("functional.embedding({0}.long(), {1})"),
            _embedding("{1}[{0}.astype(int)]"), None,
        ),
    }
)  # fmt: skip
"""By the op's name, in PyTorch, JAX and NumPy."""
