"""Answers as a person types them: a number, a shape, yes or no. Nothing typed is executed.

Digits are 0 to 9, in full width too, and nothing else that Unicode calls one; what is no answer is
refused in a sentence, however long it is.
"""

from __future__ import annotations

import math
import re
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.debug.commands.command import brief
from tui_backprop.debug.quiz.spelled import plain
from tui_backprop.errors import CommandError
from tui_backprop.language.message import said, typed

if TYPE_CHECKING:
    from tui_backprop.rules.types import Shape

_MOST_TYPED: Final = 100
"""Characters of a number or of a shape."""
_DECIMAL: Final = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?"
_NUMBER: Final = rf"(?ai)([+-]?)(?:({_DECIMAL})(?:/({_DECIMAL}))?|(nan|inf|infinity))"
_ENOUGH: Final = 3
"""Significant digits that a rounded number needs: fewer would be guessed."""
_CUT: Final = 2
_MOST_AXES: Final = 64
_LONGEST_AXIS: Final = 18
_SCALAR: Final = frozenset({"scalar", "标量"})
_UNDEFINED: Final = frozenset({"undefined", "not a number", "no number", "未定义", "无定义"})
NUMBER_EXAMPLES: Final = "2, -0.5, 1e-3, 1/3, 2*3, nan, inf"
SHAPE_EXAMPLES: Final = "(3, 2), 3x2, (3,), ()"
"""What is told of the form before anybody errs, whatever the answer is."""


class Nearness(Enum):
    """How a typed number stands to the right one."""

    SAME = "same"
    ROUNDED = "rounded"
    """It is what the right one is with so many digits, and they are too few."""
    CUT = "cut"
    """The right one begins so, and its last digit is not rounded."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Exactness:
    """How exactly the numbers of a walk are known.

    Attributes:
        rtol: in units of the number: half the digits of the dtype, which roundings leave alone.
        atol: what roundings leave where the parts of a sum cancel.
    """

    rtol: float
    atol: float = 0.0


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """A number with the digits that were given.

    Attributes:
        value: its nearest float64.
        half: half a unit of its last digit; 0 for a fraction, and where nothing is rounded.
        digits: how many significant ones were given.
    """

    value: float
    half: float = 0.0
    digits: int = 17

    def nearness(self, right: float, exactness: Exactness) -> Nearness:
        """How it stands to a right number; NaN is NaN, and an infinity has its sign."""
        if math.isnan(self.value) or math.isnan(right):
            both = math.isnan(self.value) and math.isnan(right)
            return Nearness.SAME if both else Nearness.OTHER
        if math.isinf(self.value) or math.isinf(right):
            return Nearness.SAME if self.value == right else Nearness.OTHER
        distance = abs(Fraction(self.value) - Fraction(right))
        size = max(abs(self.value), abs(right))
        if distance <= max(exactness.rtol * size, exactness.atol):
            return Nearness.SAME
        if distance > self.half * (1 + exactness.rtol):
            return Nearness.CUT if self._is_cut(right, distance) else Nearness.OTHER
        return Nearness.SAME if self.digits >= _ENOUGH else Nearness.ROUNDED

    def _is_cut(self, right: float, distance: Fraction) -> bool:
        """Whether the right number begins with these digits; of one digit that says little."""
        is_within = self.value * right > 0 and abs(self.value) < abs(right)
        return is_within and distance < 2 * Fraction(self.half) and self.digits >= _CUT


def read_number(text: str) -> TypedNumber:
    """``2``, ``-0``, ``.5``, ``1e-3``, ``1/3``, ``nan``, ``-inf``, and ``2*3``, worked out.

    Raises:
        CommandError: it is none, or beyond what the numbers of a walk can be.
    """
    bare = _bare(text, said("a number"))
    inner = re.fullmatch(r"[(\[]([^()\[\]]*)[)\]]", bare)
    found = re.fullmatch(_NUMBER, re.sub(r"\s+", "", bare if inner is None else inner[1]))
    if found is None:
        return _worked_out(bare)
    sign = -1 if found[1] == "-" else 1
    if found[4] is not None:
        return TypedNumber(sign * float(found[4][:3]))
    if found[3] is not None:
        return TypedNumber(sign * _quotient(found[2], found[3]))
    value = _finite(found[2])
    mantissa, _, exponent = found[2].lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    place = int(exponent or "0") - len(decimals)
    digits = len((whole + decimals).lstrip("0"))
    # Digits before the point that stand without one are all meant: 100 is no rounded 99.6.
    is_whole = place >= 0 and "e" not in found[2].lower() and "." not in found[2]
    is_exact = is_whole or not value  # a 0 is what is left out, and no rounded number
    return TypedNumber(sign * value, 0.0 if is_exact else 0.5 * _power_of_ten(place), digits)


def _worked_out(bare: str) -> TypedNumber:
    """Arithmetic of numbers, as exactly as it is computed."""
    from tui_backprop.debug.quiz.arithmetic import worked_out

    value = worked_out(bare)
    if value is not None:
        return TypedNumber(value)
    if bare.casefold() in _UNDEFINED:
        raise CommandError(
            said("where it is no number, write {nan}; where it is infinite, {inf}", nan="nan",
                 inf="inf, -inf")
        )  # fmt: skip
    if bare and not re.search("[0-9]", bare):
        raise CommandError(
            said("'{text}' is no number; ? gives a hint, an empty line skips", text=brief(bare))
        )
    raise CommandError(
        said("expected a number, such as {examples}; found {found}",
             examples=NUMBER_EXAMPLES, found=typed(brief(bare)))
    )  # fmt: skip


def _quotient(above: str, below: str) -> float:
    divisor = _finite(below)
    if not divisor:
        from tui_backprop.debug.quiz.arithmetic import unfinished

        raise unfinished()
    return _checked(_finite(above) / divisor)


def _finite(text: str) -> float:
    value = _checked(float(text))
    if not value and re.search("[1-9]", text.lower().partition("e")[0]):
        raise CommandError(said("'{text}' is nearer to 0 than a number of a walk can be",
                                text=brief(text)))  # fmt: skip
    return value


def _checked(value: float) -> float:
    if math.isinf(value):
        raise CommandError(
            said("that is larger than a number of a walk can be; infinity is written {word}",
                 word="inf")
        )  # fmt: skip
    return value


def _power_of_ten(place: int) -> float:
    return float(f"1e{max(place, -400)}")


def read_shape(text: str) -> Shape:
    """``(3, 2)``, ``3x2``, ``3×2``, ``[3,2]``, ``3 2``; ``(3,)`` and ``3``; ``()``.

    Raises:
        CommandError: it is none.
    """
    bare = _bare(text, said("a shape"))
    if bare.casefold() in _SCALAR:
        return ()
    inner = bare
    for opening, closing in ("()", "[]"):
        if bare.startswith(opening) and bare.endswith(closing):
            inner = bare[1:-1].strip()
    parts = [p for p in re.split(r"\s*[,xX*]\s*|\s+", inner) if p]
    is_plain = all(re.fullmatch(rf"[0-9]{{1,{_LONGEST_AXIS}}}", part) for part in parts)
    if not is_plain or len(parts) > _MOST_AXES or (not parts and inner is bare):
        raise CommandError(
            said("expected a shape, such as {examples}; found {found}",
                 examples=SHAPE_EXAMPLES, found=typed(brief(bare)))
        )  # fmt: skip
    return tuple(map(int, parts))


_YES: Final = frozenset({"yes", "y", "true", "zero", "是", "是的", "对"})
_NO: Final = frozenset({"no", "n", "false", "否", "不", "不是", "错"})


def read_truth(text: str) -> bool:
    """Yes or no, in the languages that there are.

    Raises:
        CommandError: it is neither.
    """
    bare = _bare(text, said("yes or no"))
    word = bare.casefold()
    if word not in _YES | _NO:
        raise CommandError(said("expected yes or no; found {found}", found=typed(brief(bare))))
    return word in _YES


def _bare(text: str, what: str) -> str:
    """The text in plain characters, without blanks around it.

    Raises:
        CommandError: it is longer than any answer.
    """
    if len(text) > _MOST_TYPED:
        raise CommandError(
            said("an answer of {count} characters, where {what} was asked for",
                 count=f"{len(text):,}", what=what)
        )  # fmt: skip
    return plain(text).strip()
