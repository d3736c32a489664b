"""Our ``dataclass`` against the standard library's: the same classes, defined by either."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable


def defined(decorate: Callable[..., Any], **options: bool) -> Any:
    """One class with every kind of field that this package uses."""

    @decorate(**options)
    class Sample:
        """Has fields."""

        a: int
        b: str = "b"
        c: list[int] = field(default_factory=list)
        d: float = field(default=0.5, hash=False)
        e: int = field(default=1, compare=False, repr=False)

        @property
        def twice(self) -> int:
            """A method among them."""
            return 2 * self.a

    return Sample


OPTIONS = [
    {"frozen": frozen, "slots": slots, "eq": eq}
    for frozen in (True, False)
    for slots in (True, False)
    for eq in (True, False)
]
each_option = pytest.mark.parametrize("options", OPTIONS, ids=str)
CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}), ((1, "x"), {"d": 2.0}), ((), {"a": 3, "c": [4]}), ((1, "x", [2], 3.0, 4), {}),
]  # fmt: skip


@each_option
def test_instances_look_and_compare_as_the_standard_ones(options: dict[str, bool]) -> None:
    """Values, text, equality and hash, for every way of calling."""
    ours, standard = (defined(d, **options) for d in (dataclass, dataclasses.dataclass))
    for args, more in CALLS:
        one, other = ours(*args, **more), standard(*args, **more)
        assert repr(one) == repr(other)
        assert dataclasses.astuple(one) == dataclasses.astuple(other)
        for again in CALLS:
            same = ours(*again[0], **again[1]) == one
            assert same == (standard(*again[0], **again[1]) == other)
        assert one != other
        assert (ours.__hash__ is None) == (standard.__hash__ is None)


def test_equal_ones_have_equal_hashes() -> None:
    """A field left out of the hash or of the comparison does not count."""
    sample = defined(dataclass, frozen=True, slots=True)
    with pytest.raises(TypeError, match="unhashable"):
        hash(sample(1))
    assert hash(sample(1, c=())) == hash(sample(1, c=(), d=7.0, e=9))
    assert sample(1, e=5) == sample(1, e=6)
    assert sample(1, d=5.0) != sample(1, d=6.0)


@each_option
def test_defaults_are_made_anew(options: dict[str, bool]) -> None:
    """A list made by a factory belongs to one instance."""
    sample = defined(dataclass, **options)
    one, other = sample(1), sample(1)
    one.c.append(1)
    assert other.c == []


@pytest.mark.parametrize("slots", [True, False])
def test_frozen_ones_cannot_change(slots: bool) -> None:
    """Neither set nor deleted; the standard error."""
    sample = defined(dataclass, frozen=True, slots=slots)(1)
    with pytest.raises(FrozenInstanceError):
        sample.a = 2
    with pytest.raises(FrozenInstanceError):
        del sample.a
    assert sample.a == 1


def test_slots_leave_no_dictionary() -> None:
    """And no attribute that is no field."""
    sample = defined(dataclass, slots=True)(1)
    assert not hasattr(sample, "__dict__")
    with pytest.raises(AttributeError):
        sample.z = 1
    sample.a = 5
    assert sample.twice == 10


@each_option
def test_replacing_copying_and_pickling_keep_the_values(options: dict[str, bool]) -> None:
    """The standard library's tools work on instances."""
    sample = defined(dataclass, **options)(1, c=[2])
    assert dataclasses.replace(sample, a=7).a == 7
    assert repr(copy.copy(sample)) == repr(copy.deepcopy(sample)) == repr(sample)
    assert [f.name for f in dataclasses.fields(sample)] == ["a", "b", "c", "d", "e"]


@dataclass(frozen=True, slots=True)
class Known:
    """Pickling needs a class that a module holds."""

    a: int


def test_pickling_keeps_the_values() -> None:
    """As processes exchange them."""
    assert pickle.loads(pickle.dumps(Known(3))) == Known(3)  # noqa: S301 - our own bytes


def test_cached_properties_work_where_there_are_no_slots() -> None:
    """Frozen for assignment, and still able to remember."""

    @dataclass(frozen=True, eq=False)
    class Lazy:
        """Computes once."""

        a: int

        @cached_property
        def squares(self) -> list[int]:
            """A new list, were it computed again."""
            return [self.a**2]

    lazy = Lazy(3)
    assert lazy.squares is lazy.squares
    assert lazy != Lazy(3)


@pytest.mark.parametrize(
    ("args", "more"), [((), {}), ((1, "b", [], 0.5, 1, 2), {}), ((1,), {"a": 2}), ((1,), {"z": 2})]
)
def test_wrong_arguments_are_refused(args: tuple[Any, ...], more: dict[str, Any]) -> None:
    """Missing, too many, given twice, unknown."""
    for decorate in (dataclass, dataclasses.dataclass):
        with pytest.raises(TypeError):
            defined(decorate, frozen=True, slots=True)(*args, **more)
