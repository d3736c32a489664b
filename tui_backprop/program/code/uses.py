"""What a static value is used for, an index or an argument, and its check as an argument."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said
from tui_backprop.program.code.constants import is_number
from tui_backprop.program.code.kinds import checked
from tui_backprop.program.text.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_backprop.program.code.instructions import Argument
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Params, Shape


INDEX: Final = said("an index")
"""How the use of a part of ``x[…]`` is called."""

PART: Final = said("an index or a static argument")
"""How the use of a part of an index or of an argument is called."""

_TWO: Final = 2

PAIRWISE: Final[Mapping[str, str]] = MappingProxyType({"max": "maximum", "min": "minimum"})
"""Op that takes one array → the one of two arrays, which other languages call the same."""


def pairwise_hint(rule: Rule, params: Params | None = None) -> str:
    """The hint when ``max(a, b)`` is read as a reduction along axis b: ``maximum`` was meant.

    Where the static arguments are known, a list of axes means axes.
    """
    if rule.name not in PAIRWISE or (params and isinstance(params.get("axis"), tuple)):
        return ""
    return said("of two, arrays or numbers, write {code}", code=f"{PAIRWISE[rule.name]}(a, b)")


def meant_elsewhere(rule: Rule, params: Params, shapes: Sequence[Shape]) -> str:
    """The hint when what does not fit may be what PyTorch, or SciPy, means by the same words."""
    if rule.name == "solve_triangular" and len(shapes[1]) == 1:
        code = f"solve_triangular(a, b[:, None], upper={params['upper']})[:, 0]"
        return said("of a vector write {code}", code=code)
    if rule.name == "transpose" and len(params.get("axes") or ()) == _TWO:
        first, second = params["axes"]
        return _written_here(rule, f"swapaxes(x, {first}, {second})")
    if rule.name == "repeat":
        repeats, axis = params["repeats"], params.get("axis")
        if isinstance(axis, int) and isinstance(repeats, int):
            return _written_here(rule, f"tile(x, ({repeats}, {axis}))")
        if isinstance(repeats, tuple) and axis is None:
            return _written_here(rule, f"tile(x, {repeats})")
    if rule.name in {"layer_norm", "rms_norm"} and isinstance(params.get("axis"), tuple):
        last = range(-len(params["axis"]), 0)
        return _written_here(
            rule, f"{rule.name}(x, axis={last[0] if len(last) == 1 else (*last,)})"
        )
    return ""


def _written_here(rule: Rule, code: str) -> str:
    return said("PyTorch's '{name}' is written {code}", name=rule.name, code=code)


def checked_argument(rule: Rule, argument: Argument, value: Any) -> Any:
    """The value of a static argument as the row takes it.

    Raises:
        ProblemError: it is of another kind.
    """
    try:
        return checked(argument.parameter, value)
    except ArgumentError as error:
        hint = pairwise_hint(rule) if is_number(value) else ""
        raise ProblemError(argument.span, str(error), hint) from None
