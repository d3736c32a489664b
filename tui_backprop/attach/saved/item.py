"""A value out of the head of a saved walk, looked at before it is believed."""

from __future__ import annotations

from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any, NoReturn

from tui_backprop.attach.saved.archive import HEAD, MOST_TEXT
from tui_backprop.language.message import joined, one_of, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tui_backprop.attach.saved.archive import Archive
    from tui_backprop.limits import Limits
    from tui_backprop.rules.types import Shape


class Item:
    """One value, with where it stands.

    Attributes:
        value: as JSON has it.
    """

    __slots__ = ("_archive", "_where", "value")

    def __init__(self, archive: Archive, value: Any, where: str = "") -> None:
        self._archive, self._where = archive, where
        self.value = value

    @property
    def path(self) -> Path:
        """Of the file."""
        return self._archive.path

    def refuse(self, what: str) -> NoReturn:
        """Say what is wrong with it."""
        self._archive.refuse(HEAD, joined(": ", [self._where or said("the whole"), what]))

    def _wrong(self, wanted: str) -> NoReturn:
        found = f"{self.value!r:.60}"
        self.refuse(said("expected {wanted}, found {found}", wanted=wanted, found=found))

    def whole(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        if type(self.value) is not int or not low <= self.value <= high:
            self._wrong(
                said("a whole number from {low} to {high}", low=low, high=high)
                if low <= high
                else said("no number")
            )
        return self.value

    def flag(self) -> bool:
        """True or false."""
        if type(self.value) is not bool:
            self._wrong(said("true or false"))
        return self.value

    def text(self) -> str:
        """One line that can be printed."""
        if type(self.value) is not str or len(self.value) > MOST_TEXT:
            self._wrong(said("a text of at most {most} characters", most=f"{MOST_TEXT:,}"))
        if not self.value.isprintable():
            self._wrong(said("a text without control characters"))
        return self.value

    def one_of(self, *choices: str) -> str:
        """One of a few words."""
        if self.value not in choices or type(self.value) is not str:
            self._wrong(one_of(choices))
        return self.value

    def items(self, most: int | None = None) -> list[Item]:
        """The values of a list."""
        if type(self.value) is not list or (most is not None and len(self.value) > most):
            self._wrong(
                said("a list") if most is None else said("a list of at most {most}", most=most)
            )
        return [Item(self._archive, x, f"{self._where}[{k}]") for k, x in enumerate(self.value)]

    def numbers(self, low: int, high: int) -> tuple[int, ...]:
        """A list of whole numbers, each greater than the one before."""
        found = tuple(item.whole(low, high) for item in self.items())
        if any(a >= b for a, b in pairwise(found)):
            self._wrong(said("ascending numbers"))
        return found

    def entries(self) -> Iterator[tuple[str, Item]]:
        """The names of an object, in order, with what they stand for."""
        if type(self.value) is not dict:
            self._wrong(said("an object"))
        for name, value in self.value.items():
            yield Item(self._archive, name, f"{self._where}: a name").text(), self._at(name, value)

    def keys(self, needed: Sequence[str], others: Sequence[str] = ()) -> dict[str, Item]:
        """The fields of an object that has these, and perhaps others, and no more."""
        if type(self.value) is not dict:
            self._wrong(said("an object"))
        missing = [name for name in needed if name not in self.value]
        odd = [name for name in self.value if name not in needed and name not in others]
        if missing or odd:
            self.refuse(
                said("there is no '{name}'", name=missing[0])
                if missing
                else said("unknown key '{name}'", name=odd[0][:60])
            )
        return {name: self._at(name, value) for name, value in self.value.items()}

    def _at(self, name: str, value: Any) -> Item:
        return Item(self._archive, value, f"{self._where}.{name:.60}".lstrip("."))

    def shape(self, limits: Limits) -> Shape:
        """A shape, each of whose axes, and all of them together, a limit allows."""
        axes = self.items()
        where = f"{self.path}: {HEAD}: {self._where}"
        limits.check("axes", len(axes), where)
        found = tuple(axis.whole(0, 1 << 62) for axis in axes)
        limits.check("elements", prod(n for n in found if n), where)
        return found
