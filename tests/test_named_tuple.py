"""Our ``NamedTuple`` against the standard library's: the same classes, defined by either."""

from __future__ import annotations

import copy
import pickle
from inspect import signature
from typing import Any
from typing import NamedTuple as Standard

import pytest

from tui_backprop.named_tuple import NamedTuple as Ours


class One(Ours):
    """Has fields."""

    a: int
    b: str = "b"
    c: tuple[int, ...] = ()

    @property
    def twice(self) -> int:
        """A method among them."""
        return 2 * self.a

    def __str__(self) -> str:
        return "said otherwise"


class Other(Standard):
    """Has fields."""

    a: int
    b: str = "b"
    c: tuple[int, ...] = ()

    @property
    def twice(self) -> int:
        """A method among them."""
        return 2 * self.a

    def __str__(self) -> str:
        return "said otherwise"


class Further(One):
    """A class below, which may have attributes."""


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}), ((1, "x"), {"c": (2,)}), ((), {"a": 3, "c": (4,)}), ((1, "x", (2,)), {}),
]  # fmt: skip
WRONG: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}), ((1, "x", (), 4), {}), ((1,), {"a": 2}), ((1,), {"d": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("args", "more"), CALLS)
def test_tuples_look_and_compare_as_the_standard_ones(
    args: tuple[Any, ...], more: dict[str, Any]
) -> None:
    """Items, names, text, hash and what is made of them."""
    one: Any = One(*args, **more)
    other: Any = Other(*args, **more)
    assert one == other == tuple(one)
    assert hash(one) == hash(other)
    assert (one.a, one.b, one.c, one.twice) == (other.a, other.b, other.c, other.twice)
    assert repr(one) == repr(other).replace("Other", "One")
    assert str(one) == "said otherwise"
    assert one._asdict() == other._asdict()
    assert one._replace(b="y") == other._replace(b="y")
    assert type(one._replace(a=2)) is One
    kept = pickle.loads(pickle.dumps(one))  # noqa: S301 - our own bytes
    assert copy.copy(one) == copy.deepcopy(one) == kept == one
    assert type(kept) is One
    match one:
        case One(a, b, c):
            assert (a, b, c) == one


@pytest.mark.parametrize(("args", "more"), WRONG)
def test_wrong_calls_are_refused_in_the_same_words(
    args: tuple[Any, ...], more: dict[str, Any]
) -> None:
    """Of the constructor, the first time as any other."""

    class Fresh(Ours):
        a: int
        b: str = "b"
        c: tuple[int, ...] = ()

    with pytest.raises(TypeError) as theirs:
        Other(*args, **more)
    for _ in range(2):
        with pytest.raises(TypeError) as ours:
            Fresh(*args, **more)
        assert str(ours.value).partition("__new__")[2] == str(theirs.value).partition("__new__")[2]


def test_what_is_made_of_items_and_what_replaces_them_is_checked() -> None:
    """As many items as fields, and no name that there is not."""
    assert One._make([1, "x", ()]) == (1, "x", ())
    kinds: tuple[Any, ...] = (One, Other)
    for kind in kinds:
        with pytest.raises(TypeError, match="Expected 3 arguments, got 1"):
            kind._make([1])
        with pytest.raises((TypeError, ValueError), match="unexpected field names"):
            kind(1)._replace(d=2)


def test_a_class_tells_its_fields_and_keeps_nothing_else() -> None:
    """Tools read these; a tuple has no room for other attributes."""
    assert One._fields == Other._fields == One.__match_args__
    assert One._field_defaults == Other._field_defaults
    assert One.__annotations__ == {"a": "int", "b": "str", "c": "tuple[int, ...]"}
    assert (One.__name__, One.__module__, One.__doc__) == ("One", __name__, "Has fields.")
    One(1)
    assert [*signature(One.__new__).parameters] == [*signature(Other.__new__).parameters]
    with pytest.raises(AttributeError):
        One(1).other = 1  # type: ignore[attr-defined]  # the point
    with pytest.raises(AttributeError):
        One(1).a = 2  # type: ignore[misc]  # the point


def test_a_class_below_is_of_its_own_kind() -> None:
    """The constructor that is made late belongs to the class with the fields."""
    assert type(Further(1)) is Further
    assert type(Further(1)._replace(a=2)) is Further
    assert Further(1) == One(1)


def test_fields_that_the_standard_library_refuses_are_refused() -> None:
    """Hidden ones, and one without a default behind one with a default."""
    with pytest.raises(ValueError, match="begins with '_'"):

        class Hidden(Ours):
            _a: int  # type: ignore[misc]  # the point

    with pytest.raises(TypeError, match="without a default"):

        class Late(Ours):
            a: int = 1
            b: int  # type: ignore[misc]  # the point
