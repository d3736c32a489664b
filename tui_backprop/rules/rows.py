"""The two ways to write a row.

`elementwise` takes a scalar partial for each operand and derives the rest; `structural` takes a
`Part` for each operand: its VJP, its sparsity and one entry of its J.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from tui_backprop.errors import RuleError
from tui_backprop.rules.derivative import Constant, Operand, Part, Scalar, Structural
from tui_backprop.rules.rule import Domain, Example, Rule
from tui_backprop.rules.shapes import broadcast_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tui_backprop.rules.rule import Parameter
    from tui_backprop.rules.types import Shape

__all__ = ["Part", "call_text", "elementwise", "function", "structural"]

Partial: TypeAlias = "Callable[..., Any] | int | str | None"


def call_text(name: str, positional: Iterable[str], named: Iterable[str]) -> str:
    """``sum({x}, axis={axis})``: how an application is written, where the row does not say."""
    fields = [*(f"{{{x}}}" for x in positional), *(f"{x}={{{x}}}" for x in named)]
    return f"{name}({', '.join(fields)})"


def _row(
    name: str,
    operands: tuple[str, ...],
    *,
    parameters: tuple[Parameter, ...] = (),
    text: str = "",
    domains: tuple[Domain, ...] = (),
    **stated: Any,
) -> Rule:
    """A row; left out, its text is a call, and its operands are sampled in (−2, 2)."""
    return Rule(
        name=name,
        operands=operands,
        text=text or call_text(name, operands, (p.name for p in parameters)),
        parameters=parameters,
        domains=domains or tuple(Domain() for _ in operands),
        **stated,
    )


def _broadcast(*shapes: Shape, **_params: Any) -> Shape:
    return broadcast_shape(*shapes)


def elementwise(
    name: str,
    operands: str,
    *,
    forward: Callable[..., Any],
    partials: tuple[Partial, ...],
    masked: bool = False,
    shape: Callable[..., Shape] = _broadcast,
    examples: tuple[Example, ...] = (),
    **stated: Any,
) -> Rule:
    """A row whose operands broadcast, given by its scalar partials; see `Rule` for what it states.

    ``operands`` are names, separated by spaces. A partial is ``(m, y, *operands, **params)`` →
    ∂y/∂operand, or the number that it is everywhere, or the name of the operand that it is, or None
    where there is none. ``masked`` is for rows that choose, see `Scalar`. Examples are needed where
    a parameter has no default; left out, they are shapes that broadcast.
    """
    names = tuple(operands.split())
    return _row(
        name,
        names,
        forward=forward,
        shape=shape,
        derivatives=tuple(_scalar(names, a, p, masked) for a, p in enumerate(partials)),
        elementwise=True,
        examples=examples or _BROADCAST_EXAMPLES[len(names)],
        **stated,
    )


def _scalar(
    operands: tuple[str, ...], argument: int, partial: Partial, masked: bool
) -> Scalar | None:
    if partial is None:
        return None
    if isinstance(partial, int):
        return Scalar(argument, Constant(partial), masked)
    if isinstance(partial, str):
        return Scalar(argument, Operand(operands.index(partial)), masked)
    return Scalar(argument, partial, masked)


def function(
    name: str,
    partial: Callable[..., Any] | int,
    summary: str,
    *domains: Domain,
    **stated: Any,
) -> Rule:
    """A row that is the interpretation's own function of one operand x, such as ``m.tanh``.

    Its partial is ``(m, y, x)`` → ∂y/∂x, or the number that it is everywhere; what else is stated
    is as in `elementwise`.
    """
    return elementwise(
        name,
        "x",
        forward=lambda m, x: getattr(m, name)(x),
        partials=(partial,),
        summary=summary,
        domains=domains,
        **stated,
    )


def structural(
    name: str,
    operands: str,
    *,
    forward: Callable[..., Any],
    parts: tuple[Part | None, ...],
    **stated: Any,
) -> Rule:
    """A row whose entries meet in its own way: a reduction, a product, a rearrangement.

    Its ``parts`` are one per operand, None where there is no derivative; the rest is as in
    `elementwise` and `Rule`. It needs a shape, and examples, each of which the tests walk. A cost
    is needed where an entry is read more than a few times.

    Raises:
        RuleError: an operand is neither linear nor has a JVP of its own.
    """
    derivatives = tuple(_bound(name, a, forward, part) for a, part in enumerate(parts))
    names = tuple(operands.split())
    return _row(name, names, forward=forward, derivatives=derivatives, **stated)


def _bound(
    name: str, argument: int, forward: Callable[..., Any], part: Part | None
) -> Structural | None:
    if part is None:
        return None
    if part.linear == (part.jvp is not None):
        raise RuleError(f"'{name}', argument {argument}: either linear=True or a jvp, not both")
    return Structural(argument, forward, part)


_BROADCAST_EXAMPLES: Mapping[int, tuple[Example, ...]] = MappingProxyType(
    {
        1: tuple(Example((s,)) for s in ((), (3,), (2, 3), (0,), (2, 0, 3))),
        2: tuple(
            Example(s)
            for s in (
                ((), ()),
                ((3,), (3,)),
                ((2, 3), (3,)),
                ((), (2, 2)),
                ((2, 1), (1, 3)),
                ((2, 1, 3), (2, 1)),
                ((1,), (0,)),
            )
        ),
        3: tuple(
            Example(s)
            for s in (
                ((), (), ()),
                ((3,), (3,), (3,)),
                ((2, 1), (3,), ()),
                ((3,), (2, 1), (2, 3)),
                ((1,), (0,), (1,)),
            )
        ),
    }
)
