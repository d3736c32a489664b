"""A least-recently-used cache bounded by size, for what is computed when it is looked at."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class SizedLRU(Generic[Key, Value]):
    """The values that were used last, as many as there is room for; safe to use from threads.

    Attributes:
        room: what they may need together, in the unit that `put` is given, mostly bytes.
        fewest: how many are kept even where they need more room than that.
        most: how many are kept at all: small arrays need more for being objects than they say.
    """

    def __init__(self, room: int, fewest: int = 2, most: int = 1024) -> None:
        self.room = room
        self.fewest = fewest
        self.most = most
        self._values: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._held = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Key) -> Value | None:
        """The value, if it is still there."""
        found = self._values.get(key)
        if found is None:
            return None
        with suppress(KeyError):  # another thread had no room for it any more
            self._values.move_to_end(key)
        return found[0]

    def put(self, key: Key, value: Value, size: int) -> Value:
        """Keep a value that needs ``size`` of the room; what was unused for longest gives way."""
        with self._lock:
            replaced = self._values.pop(key, None)
            if replaced is not None:
                self._held -= replaced[1]
            self._values[key] = value, size
            self._held += size
            while len(self._values) > self.most or (
                self._held > self.room and len(self._values) > self.fewest
            ):
                self._held -= self._values.popitem(last=False)[1][1]
        return value
