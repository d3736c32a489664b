"""A property that is computed when it is first looked at, and then stays.

`functools.cached_property`, before Python 3.12, holds a lock while it computes: another thread that
looks at the same property of any other object waits, the screen's too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

Value_co = TypeVar("Value_co", covariant=True)


class cached_property(Generic[Value_co]):  # noqa: N801 - it stands for the one of that name
    """Computed once; two threads that look at once both compute it, with equal results."""

    def __init__(self, function: Callable[[Any], Value_co]) -> None:
        self.function = function
        self.name = ""
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Value_co: ...
    def __get__(self, instance: object, owner: type) -> Value_co | Self:
        if instance is None:
            return self
        value = vars(instance)[self.name] = self.function(instance)
        return value
