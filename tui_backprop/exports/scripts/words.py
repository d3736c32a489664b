"""How PyTorch, JAX and NumPy write each op, as an expression with its operands in braces.

An op that is not here has no expression that anybody would write by hand, and is refused.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from tui_backprop.exports.scripts.call import Call, UnsaidError, key_text
from tui_backprop.exports.scripts.networks import NETWORKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Word: TypeAlias = "str | Callable[[Call], str]"
"""A template, with ``{0}`` for the first operand, or a function of the call."""


class Said(NamedTuple):
    """An op in each of the three; None where there are no words for it."""

    torch: Word | None
    jax: Word | None
    numpy: Word | None


def expression(target: str, call: Call) -> str:
    """How a target writes a call.

    Raises:
        UnsaidError: it has no words for it.
    """
    found = WORDS.get(call.node.op)
    word = None if found is None else getattr(found, target)
    if word is None:
        raise UnsaidError
    return _filled(word, call)


def _filled(word: Word, call: Call) -> str:
    return word.format(*call.operands) if isinstance(word, str) else word(call)


def _everywhere(word: Word) -> Said:
    return Said(word, word, word)


def _functions(names: str, operands: str = "{0}") -> dict[str, Said]:
    """Ops that are functions of the op's own name in all three."""
    return {name: _of_modules(f"{name}({operands})") for name in names.split()}


def _of_modules(call: str) -> Said:
    return Said(*(f"{module}.{call}" for module in ("torch", "jnp", "np")))


def _clipped(module: str) -> Callable[[Call], str]:
    """Between numbers; a bound that is an array shares a slope that frameworks do not share."""

    def word(call: Call) -> str:
        if len(call.operands) > 1:
            raise UnsaidError
        return f"{module}.clip({call[0]}, {call['min']}, {call['max']})"

    return word


def _of_rank(least: int, most: int, said: Said) -> Said:
    """Words for operands with so many axes only."""

    def checked(word: Word | None) -> Word:
        def asked(call: Call) -> str:
            if word is None or any(not least <= len(shape) <= most for shape in call.shapes):
                raise UnsaidError
            return _filled(word, call)

        return asked

    return Said(*map(checked, said))


def _comparison(sign: str) -> Said:
    numpy = f"({{0}} {sign} {{1}}).astype(dtype)"
    return Said(f"({{0}} {sign} {{1}}).to(dtype)", numpy, numpy)


def _reduction(torch: str, name: str, more: str = "") -> Said:
    """One along axes; ``more`` is what stands behind them, with static arguments in braces."""

    def in_torch(call: Call) -> str:
        if call.axes == () or (torch == "prod" and len(call.all_axes) != 1):
            raise UnsaidError  # it reads an empty tuple as all axes, and prod takes one
        kept = ", keepdim=True" if call["keepdims"] else ""
        behind = more.format(**call.params).replace("ddof", "correction")
        return f"torch.{torch}({call[0]}, dim={_dims(call, torch)}{kept}{behind})"

    def in_numpy(module: str) -> Callable[[Call], str]:
        def word_in(call: Call) -> str:
            where = "" if call.axes is None else f", axis={call.axes}"
            kept = ", keepdims=True" if call["keepdims"] else ""
            return f"{module}.{name}({call[0]}{where}{kept}{more.format(**call.params)})"

        return word_in

    return Said(in_torch, in_numpy("jnp"), in_numpy("np"))


def _dims(call: Call, name: str) -> int | tuple[int, ...]:
    axes = call.all_axes
    return axes[0] if name == "prod" else axes


def _along(torch: str, jax: str, numpy: str) -> Said:
    """An op along one axis, which stands in the templates as ``{axis}``."""

    def filled(template: str) -> Word:
        return lambda call: template.format(*call.operands, axis=call.axis)

    return Said(filled(torch), filled(jax), filled(numpy))


def _running(name: str) -> Said:
    return _along(*(f"{m}.{name}({{0}}, {{axis}})" for m in ("torch", "jnp", "np")))


def _reshaped(call: Call) -> str:
    if call.get("order", "C") != "C":
        raise UnsaidError
    return f"{call[0]}.reshape({call.shape})"


def _transposed(template: str) -> Word:
    def word_in(call: Call) -> str:
        axes = call["axes"]
        if axes is None and len(call.shapes[0]) == 2:
            return f"{call[0]}.T"
        order = tuple(reversed(range(len(call.shapes[0])))) if axes is None else tuple(axes)
        return template.format(call[0], order)

    return word_in


def _indexed(of_list: str) -> Word:
    def word_in(call: Call) -> str:
        return f"{call[0]}[{key_text(call['key'], of_list)}]"

    return word_in


def _torch_index(call: Call) -> str:
    """Torch has no negative steps; beside a list it takes a number for no list, as NumPy does."""
    key = call["key"]
    parts = key if isinstance(key, tuple) else (key,)
    kinds = {type(part) for part in parts}
    is_back = any(isinstance(part, slice) and (part.step or 1) < 0 for part in parts)
    if is_back or (int in kinds and kinds & {list, tuple}):
        raise UnsaidError
    return f"{call[0]}[{key_text(key, '{0}')}]"


def _joined(torch: str, numpy: str) -> Said:
    def word_in(function: str, axis: str) -> Word:
        def word(call: Call) -> str:
            if call["axis"] is None:
                raise UnsaidError
            return f"{function}([{', '.join(call.operands)}], {axis}={call['axis']})"

        return word

    return Said(
        word_in(f"torch.{torch}", "dim"),
        word_in(f"jnp.{numpy}", "axis"),
        word_in(f"np.{numpy}", "axis"),
    )


def _with_params(template: str, *names: str) -> Said:
    """Functions of all three that take the op's own static arguments in a row."""

    def word_in(module: str) -> Word:
        def word(call: Call) -> str:
            numbers = [call[name] for name in names]
            return template.format(call[0], *numbers, m=module)

        return word

    return Said(word_in("torch"), word_in("jnp"), word_in("np"))


def _flipped(torch: str, numpy: str) -> Said:
    return Said(
        lambda call: f"torch.{torch}({call[0]}, {call.all_axes})",
        lambda call: f"jnp.{numpy}({call[0]}, {call.all_axes})",
        lambda call: f"np.{numpy}({call[0]}, {call.all_axes})",
    )


def _einsum(module: str) -> Word:
    return lambda call: f"{module}.einsum({call['subscripts']!r}, {', '.join(call.operands)})"


WORDS: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "add": _everywhere("{0} + {1}"),
        "subtract": _everywhere("{0} - {1}"),
        "multiply": _everywhere("{0} * {1}"),
        "divide": _everywhere("{0} / {1}"),
        "negative": _everywhere("-{0}"),
        "power": _everywhere("{0} ** {1}"),
        "reciprocal": _everywhere("1 / {0}"),
        "square": _everywhere("{0} ** 2"),
        "less": _comparison("<"),
        "less_equal": _comparison("<="),
        "greater": _comparison(">"),
        "greater_equal": _comparison(">="),
        "equal": _comparison("=="),
        "not_equal": _comparison("!="),
        **_functions(
            "exp log sqrt sin cos tanh tan sinh cosh expm1 log1p log2 log10 exp2 arcsin arccos "
            "arctan arcsinh arccosh arctanh sinc abs floor ceil trunc sign"
        ),
        **_functions("maximum minimum hypot logaddexp arctan2 copysign fmax fmin", "{0}, {1}"),
        "where": Said(
            "torch.where({0} != 0, {1}, {2})",
            "jnp.where({0} != 0, {1}, {2})",
            "np.where({0} != 0, {1}, {2})",
        ),
        "stop_gradient": Said("{0}.detach()", "jax.lax.stop_gradient({0})", "{0}"),
        "sigmoid": Said("torch.sigmoid({0})", "jax.nn.sigmoid({0})", "1 / (1 + np.exp(-{0}))"),
        "clip": Said(*map(_clipped, ("torch", "jnp", "np"))),
        "relu": Said("torch.relu({0})", "jax.nn.relu({0})", "np.maximum({0}, 0)"),
        "erf": Said("torch.erf({0})", "jax.scipy.special.erf({0})", None),
        "rsqrt": Said("torch.rsqrt({0})", "jax.lax.rsqrt({0})", "1 / np.sqrt({0})"),
        "sum": _reduction("sum", "sum"),
        "mean": _reduction("mean", "mean"),
        "prod": _reduction("prod", "prod"),
        "max": _reduction("amax", "max"),
        "min": _reduction("amin", "min"),
        "var": _reduction("var", "var", ", ddof={ddof}"),
        "std": _reduction("std", "std", ", ddof={ddof}"),
        "cumsum": _running("cumsum"),
        "cumprod": _running("cumprod"),
        "softmax": _along(
            "torch.softmax({0}, dim={axis})",
            "jax.nn.softmax({0}, axis={axis})",
            "softmax({0}, {axis})",
        ),
        "log_softmax": _along(
            "torch.log_softmax({0}, dim={axis})",
            "jax.nn.log_softmax({0}, axis={axis})",
            "log_softmax({0}, {axis})",
        ),
        "matmul": _everywhere("{0} @ {1}"),
        "outer": _of_rank(1, 1, _of_modules("outer({0}, {1})")),
        "inner": _of_modules("inner({0}, {1})"),
        "kron": Said("torch.kron({0}, {1})", "jnp.kron({0}, {1})", None),
        "vdot": _of_rank(1, 1, _of_modules("dot({0}, {1})")),
        "einsum": Said(_einsum("torch"), _einsum("jnp"), None),
        "det": Said("torch.linalg.det({0})", "jnp.linalg.det({0})", None),
        "inv": Said("torch.linalg.inv({0})", "jnp.linalg.inv({0})", "np.linalg.inv({0})"),
        "tril": _of_rank(2, 99, _with_params("{m}.tril({0}, {1})", "k")),
        "triu": _of_rank(2, 99, _with_params("{m}.triu({0}, {1})", "k")),
        **dict.fromkeys(
            ("reshape", "ravel", "flatten", "squeeze", "expand_dims"), _everywhere(_reshaped)
        ),
        "transpose": Said(
            _transposed("{0}.permute({1})"), _transposed("{0}.transpose({1})"),
            _transposed("{0}.transpose({1})"),
        ),
        "swapaxes": _with_params("{m}.swapaxes({0}, {1}, {2})", "axis1", "axis2"),
        "broadcast_to": _with_params("{m}.broadcast_to({0}, {1})", "shape"),
        "flip": _flipped("flip", "flip"),
        "index": Said(_torch_index, _indexed("jnp.array({0})"), _indexed("{0}")),
        "concatenate": _joined("cat", "concatenate"),
        "stack": _joined("stack", "stack"),
        **{name: Said(*words) for name, words in NETWORKS.items()},
    }
)  # fmt: skip
"""By the op's name."""
