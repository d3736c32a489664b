"""``NamedTuple``, as the standard library has it, but cheap to define.

The standard one reads each annotation as an expression and compiles a constructor for each class:
the fifty classes that a first screen imports would take as long as drawing it. Here a constructor
is compiled when the first tuple is made. What is imported later may have the standard one. Type
checkers see the standard class. Annotations must be text, as ``from __future__ import
annotations`` leaves them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple  # noqa: PLC0414 - so it is exported
else:
    # The first every version has: `namedtuple` is made of it.
    from collections import _tuplegetter, namedtuple

    class _Definition(type):
        """Makes a class of fields a tuple that has names for its items."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = {field: body[field] for field in fields if field in body}
            _check(name, fields, defaults)
            body |= {field: _tuplegetter(k, None) for k, field in enumerate(fields)}
            made = type(
                name,
                (tuple,),
                _METHODS
                | body
                | {
                    "__slots__": (),
                    "__match_args__": fields,
                    "_fields": fields,
                    "_field_defaults": defaults,
                },
            )
            made.__new__ = staticmethod(_late_constructor(made))
            return made

    def _check(name: str, fields: tuple[str, ...], defaults: dict[str, Any]) -> None:
        """Refuse what the standard library refuses."""
        if any(field.startswith("_") for field in fields):
            raise ValueError(f"a field of {name} begins with '_'")
        if tuple(defaults) != fields[len(fields) - len(defaults) :]:
            raise TypeError(f"a field of {name} without a default follows one with a default")

    def _late_constructor(made: type) -> Any:
        """What makes the first tuple of a class, and the class quicker for all others."""

        def __new__(cls: type, /, *args: Any, **more: Any) -> Any:  # noqa: N807 - it becomes one
            constructor = _constructor(made)
            made.__new__ = staticmethod(constructor)
            return constructor(cls, *args, **more)

        return __new__

    def _constructor(made: Any) -> Any:
        """As the standard library compiles it."""
        constructor = namedtuple(  # noqa: PYI024 - for its constructor alone
            made.__name__, made._fields, defaults=made._field_defaults.values()
        ).__new__
        constructor.__qualname__ = f"{made.__qualname__}.__new__"
        return constructor

    def _make(cls: Any, items: Any) -> Any:
        """A tuple of these items."""
        found = tuple.__new__(cls, items)
        if len(found) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(found)}")
        return found

    def _replace(self: Any, /, **changes: Any) -> Any:
        """A tuple with some items changed."""
        found = self._make(map(changes.pop, self._fields, self))
        if changes:
            raise ValueError(f"Got unexpected field names: {[*changes]!r}")
        return found

    def _asdict(self: Any) -> dict[str, Any]:
        """The items by their names."""
        return dict(zip(self._fields, self, strict=True))

    def _repr(self: Any) -> str:
        shown = ", ".join(f"{k}={v!r}" for k, v in zip(self._fields, self, strict=True))
        return f"{self.__class__.__name__}({shown})"

    def _new_arguments(self: Any) -> tuple[Any, ...]:
        """What copying and unpickling call the constructor with."""
        return tuple(self)

    _METHODS = {
        "_make": classmethod(_make),
        "_replace": _replace,
        "__replace__": _replace,
        "_asdict": _asdict,
        "__repr__": _repr,
        "__getnewargs__": _new_arguments,
    }

    class NamedTuple(metaclass=_Definition):
        """See `typing.NamedTuple`."""
