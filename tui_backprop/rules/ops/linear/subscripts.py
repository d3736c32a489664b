"""The subscripts of einsum: a string that gives the axes of operands their labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import all_of, said, said_many
from tui_backprop.rules.ops.linear.einsum import Labels

if TYPE_CHECKING:
    from tui_backprop.rules.types import Shape

    Term: TypeAlias = tuple[Any, tuple[int, ...]]


def parse_subscripts(text: str, shapes: tuple[Shape, ...]) -> Labels:
    """The labels that a string gives to the axes of operands.

    Without ``->`` the value has the letters that stand once, in the order of the alphabet, after
    the axes of ``...``, as NumPy has it.

    Raises:
        ArgumentError: the string is none of einsum's, or does not fit the operands.
    """
    left, arrow, right = text.partition("->")
    parts = [_checked(text, part) for part in left.split(",")]
    if len(parts) != len(shapes):
        raise ArgumentError(
            said(
                "'{text}' is for {wanted} operands, and {given} are given",
                text=text,
                wanted=len(parts),
                given=len(shapes),
            )
        )
    ellipses = [_ellipsis(text, part, k, shapes) for k, part in enumerate(parts)]
    most = max(ellipses)
    # Letters count from their code, the axes of '...' from -1 downward, the last axis first.
    operands = tuple(_labels(part, n) for part, n in zip(parts, ellipses, strict=True))
    known = {label for labels in operands for label in labels}
    if arrow:
        out = _result(text, _checked(text, right), most)
    else:
        letters = "".join(parts).replace(".", "")
        once = sorted(letter for letter in {*letters} if letters.count(letter) == 1)
        out = (*range(-most, 0), *(ord(letter) for letter in once))
    for label in out:
        if label not in known:
            raise ArgumentError(
                said(
                    "'{text}': '{letter}' stands in the result and in no operand",
                    text=text,
                    letter=chr(label),
                )
            )
    if len({*out}) != len(out):
        raise ArgumentError(said("'{text}': a letter stands in the result once", text=text))
    return _small(operands, out)


def _checked(text: str, part: str) -> str:
    """A part without its spaces; those within ``...`` or ``->`` are mistakes."""
    letters = part.replace("...", "", 1).replace(" ", "")
    if not (letters.isascii() and (letters.isalpha() or not letters)):
        raise ArgumentError(
            said("'{text}': '{part}' may hold letters and one '...'", text=text, part=part.strip())
        )
    return part.replace(" ", "")


def _result(text: str, right: str, ellipsis: int) -> tuple[int, ...]:
    if ellipsis and "..." not in right:
        axes = said_many(ellipsis, "{count} axis", "{count} axes")
        raise ArgumentError(
            said(
                "'{text}': '...' stands for {axes}, and the result leaves it out",
                text=text,
                axes=axes,
            )
        )
    return _labels(right, ellipsis)


def _ellipsis(text: str, part: str, k: int, shapes: tuple[Shape, ...]) -> int:
    """How many axes ``...`` stands for in one operand."""
    letters = len(part.replace("...", "", 1))
    shape = shapes[k]
    rest = len(shape) - letters
    if rest < 0 or (rest and "..." not in part):
        among = ""
        if len(shapes) > 1:
            among = said(" of shapes {shapes}", shapes=all_of(map(str, shapes)))
        raise ArgumentError(
            said(
                "'{text}'{among}: '{part}' does not name the {count} axes of {shape}",
                text=text,
                among=among,
                part=part,
                count=len(shape),
                shape=shape,
            )
        )
    return rest


def _labels(part: str, ellipsis: int) -> tuple[int, ...]:
    before, dots, after = part.partition("...")
    middle = tuple(range(-ellipsis, 0)) if dots else ()
    return (*map(ord, before), *middle, *map(ord, after))


def _small(operands: tuple[tuple[int, ...], ...], out: tuple[int, ...]) -> Labels:
    """The labels numbered from 0, as NumPy takes them."""
    numbers: dict[int, int] = {}
    for labels in (*operands, out):
        for label in labels:
            numbers.setdefault(label, len(numbers))
    return Labels(
        tuple(tuple(numbers[a] for a in labels) for labels in operands),
        tuple(numbers[a] for a in out),
        stretches=True,
    )
