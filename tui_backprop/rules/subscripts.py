"""The strings of einsum: ``ij,jk->ik``, ``ii``, ``...ij,j``.

They stand apart because this is a small language of its own, whose mistakes have places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.errors import ArgumentError
from tui_backprop.rules.labels import Labels

if TYPE_CHECKING:
    from tui_backprop.rules.types import Shape


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
        raise ArgumentError(f"'{text}' is for {len(parts)} operands, and {len(shapes)} are given")
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
            raise ArgumentError(f"'{text}': '{chr(label)}' stands in the result and in no operand")
    if len({*out}) != len(out):
        raise ArgumentError(f"'{text}': a letter stands in the result once")
    return _small(operands, out)


def _checked(text: str, part: str) -> str:
    """A part without its spaces; those within ``...`` or ``->`` are mistakes."""
    letters = part.replace("...", "", 1).replace(" ", "")
    if not (letters.isascii() and (letters.isalpha() or not letters)):
        raise ArgumentError(f"'{text}': '{part.strip()}' may hold letters and one '...'")
    return part.replace(" ", "")


def _result(text: str, right: str, ellipsis: int) -> tuple[int, ...]:
    if ellipsis and "..." not in right:
        axes = f"{ellipsis} {'axis' if ellipsis == 1 else 'axes'}"
        raise ArgumentError(f"'{text}': '...' stands for {axes}, and the result leaves it out")
    return _labels(right, ellipsis)


def _ellipsis(text: str, part: str, k: int, shapes: tuple[Shape, ...]) -> int:
    """How many axes ``...`` stands for in one operand."""
    letters = len(part.replace("...", "", 1))
    shape = shapes[k]
    rest = len(shape) - letters
    if rest < 0 or (rest and "..." not in part):
        among = f" of shapes {' and '.join(map(str, shapes))}" if len(shapes) > 1 else ""
        raise ArgumentError(
            f"'{text}'{among}: '{part}' does not name the {len(shape)} axes of {shape}"
        )
    return rest


def _labels(part: str, ellipsis: int) -> tuple[int, ...]:
    before, dots, after = part.partition("...")
    middle = tuple(range(-ellipsis, 0)) if dots else ()
    return (*map(ord, before), *middle, *map(ord, after))


def _small(operands: tuple[tuple[int, ...], ...], out: tuple[int, ...]) -> Labels:
    """Numbered from 0, as NumPy takes them."""
    numbers: dict[int, int] = {}
    for labels in (*operands, out):
        for label in labels:
            numbers.setdefault(label, len(numbers))
    return Labels(
        tuple(tuple(numbers[a] for a in labels) for labels in operands),
        tuple(numbers[a] for a in out),
        stretches=True,
    )
