"""What takes several values at a time leaves none out, and says which one failed."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import shared
from tests.marks import together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _Subtests:
    """Those of pytest, that go on after what they report."""

    def __init__(self) -> None:
        self.reported: list[str] = []

    @contextmanager
    def test(self, message: str) -> Iterator[None]:
        """Report what is raised."""
        self.reported.append(message)
        with suppress(AssertionError, pytest.fail.Exception):
            yield


def _parts(test: Callable[..., None]) -> dict[str | None, list[Any]]:
    """The values of each item, by its id."""
    (mark,) = test.pytestmark  # type: ignore[attr-defined]  # pytest puts it there
    return dict(zip(mark.kwargs["ids"], mark.args[1], strict=True))


def test_each_value_is_tried_whatever_fails() -> None:
    """By an assertion, or because nothing was raised."""
    tried, subtests = [], _Subtests()

    @together("name", ["a", "b", "c", "d", "e"], most=3)
    def a_test(name: str, other: int) -> None:
        tried.append((name, other))
        assert name != "b"
        if name == "d":
            with pytest.raises(ValueError, match="never"):
                pass

    parts = _parts(a_test)
    assert parts == {"a+b+c": ["a", "b", "c"], "d+e": ["d", "e"]}
    for values in parts.values():
        a_test(name=values, other=1, subtests=subtests)
    assert tried == [(name, 1) for name in "abcde"]
    assert subtests.reported == ["name 'b'", "name 'd'"]


def test_values_that_are_no_words_have_numbers() -> None:
    """As those of ``parametrize`` have."""

    @together("x", ["a b", 2])
    def a_test(x: object) -> None:
        assert x

    assert _parts(a_test) == {None: ["a b", 2]}


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_a_share_leaves_no_test_out(request: pytest.FixtureRequest, count: int) -> None:
    """Every test is there, by each of its marks; together the two parts are all of them."""
    items = request.session.items
    kept, rest = shared(items, count)
    assert {id(i) for i in kept} | {id(i) for i in rest} == {id(i) for i in items}
    assert len(kept) + len(rest) == len(items)
    names = [{i.nodeid.partition("[")[0] for i in some} for some in (kept, items)]
    assert names[0] == names[1]
    assert bool(rest) is (count > 1 and any("[" in i.nodeid for i in items))
