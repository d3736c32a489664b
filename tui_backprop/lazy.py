"""A property that is worked out when it is first looked at, and then stays.

It stands apart from `functools.cached_property` because that one, before Python 3.12, holds a lock
while it works: whoever looks at the same property of any other object waits, the screen too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

Value_co = TypeVar("Value_co", covariant=True)


class cached_property(Generic[Value_co]):  # noqa: N801 - it stands for the one of that name
    """Of two threads that look at once both work it out, and the same comes of it."""

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
