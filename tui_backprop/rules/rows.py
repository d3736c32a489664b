"""The two ways to write a row.

`elementwise` takes a scalar partial for each operand and derives the rest; `structural` takes a
`Part` for each operand: its VJP, its sparsity and one entry of its J.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from tui_backprop.errors import RuleError
from tui_backprop.rules.derivative import Constant, Operand, Part, Scalar, Structural
from tui_backprop.rules.rule import PLAIN, Domain, Example, Parameter, Rule
from tui_backprop.rules.shapes import broadcast_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tui_backprop.rules.rule import Extras, Family, Reason, Traits
    from tui_backprop.rules.types import Shape

__all__ = ["Part", "call_text", "elementwise", "function", "structural"]

Partial: TypeAlias = "Callable[..., Any] | int | str | None"


def call_text(name: str, positional: Iterable[str], named: Iterable[str]) -> str:
    """``sum({x}, axis={axis})``: how an application is written, where the row does not say."""
    fields = [*(f"{{{x}}}" for x in positional), *(f"{x}={{{x}}}" for x in named)]
    return f"{name}({', '.join(fields)})"


def elementwise(
    name: str,
    operands: str,
    *,
    forward: Callable[..., Any],
    partials: tuple[Partial, ...],
    summary: str,
    text: str = "",
    masked: bool = False,
    parameters: tuple[Parameter, ...] = (),
    kink: Callable[..., Any] | None = None,
    convention: str = "",
    domains: tuple[Domain, ...] = (),
    examples: tuple[Example, ...] = (),
    traits: Traits = PLAIN,
) -> Rule:
    """A row whose operands broadcast, given by its scalar partials; see `Rule` for what it states.

    ``operands`` are names, separated by spaces. A partial is ``(m, y, *operands, **params)`` →
    ∂y/∂operand, or the number that it is everywhere, or the name of the operand that it is, or None
    where there is none. ``masked`` is for rows that choose, see `Scalar`. Left out, the text is a
    call, all operands are sampled in (−2, 2), and the examples are shapes that broadcast: they are
    needed where a parameter has no default.
    """
    names = tuple(operands.split())
    return Rule(
        name=name,
        operands=names,
        text=text or call_text(name, names, (p.name for p in parameters)),
        forward=forward,
        shape=lambda *shapes, **_params: broadcast_shape(*shapes),
        derivatives=tuple(_scalar(names, a, p, masked) for a, p in enumerate(partials)),
        parameters=parameters,
        elementwise=True,
        summary=summary,
        kink=kink,
        convention=convention,
        domains=domains or tuple(Domain() for _ in names),
        examples=examples or _BROADCAST_EXAMPLES[len(names)],
        traits=traits,
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
    domain: Domain | None = None,
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
        domains=() if domain is None else (domain,),
        **stated,
    )


def structural(
    name: str,
    operands: str,
    *,
    forward: Callable[..., Any],
    shape: Callable[..., Shape],
    parts: tuple[Part | None, ...],
    summary: str,
    examples: tuple[Example, ...],
    text: str = "",
    parameters: tuple[Parameter, ...] = (),
    kink: Callable[..., Any] | None = None,
    convention: str = "",
    domains: tuple[Domain, ...] = (),
    family: Family | None = None,
    extras: Extras | None = None,
    cost: Callable[..., int] | None = None,
    reasons: tuple[Reason, ...] = (),
    traits: Traits = PLAIN,
) -> Rule:
    """A row whose entries meet in its own way: a reduction, a product, a rearrangement.

    Its ``parts`` are one per operand, None where there is no derivative; the rest is as in
    `elementwise` and `Rule`. The tests walk each of the examples. A cost is needed where an entry
    is read more than a few times.

    Raises:
        RuleError: an operand is neither linear nor has a JVP of its own.
    """
    names = tuple(operands.split())
    return Rule(
        name=name,
        operands=names,
        text=text or call_text(name, names, (p.name for p in parameters)),
        forward=forward,
        shape=shape,
        derivatives=tuple(_bound(name, a, forward, part) for a, part in enumerate(parts)),
        parameters=parameters,
        summary=summary,
        kink=kink,
        convention=convention,
        domains=domains or tuple(Domain() for _ in names),
        examples=examples,
        family=family,
        extras=extras,
        cost=cost,
        reasons=reasons,
        traits=traits,
    )


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
