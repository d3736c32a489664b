"""``dataclass``, as the standard library has it, but cheap to define.

The standard decorator compiles six methods for each frozen class, and a hundred classes of this
package would take longer to define than NumPy to import. Here every method exists once, for all
classes. Type checkers see the standard decorator. `fields` and `replace` of the standard library
work on what is made here; the `replace` here is quicker. Annotations must be text, as ``from
__future__ import annotations`` leaves them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - so it is exported
    from dataclasses import replace as replace  # noqa: PLC0414 - the same
else:
    import dataclasses
    from dataclasses import MISSING, FrozenInstanceError
    from dataclasses import field as _plain
    from operator import attrgetter, itemgetter

    # The mark by which the standard library knows a field from a pseudo-field.
    _IS_FIELD = dataclasses._FIELD  # noqa: SLF001 - `fields` looks for it, a test holds it

    def dataclass(
        cls: type | None = None,
        /,
        *,
        frozen: bool = False,
        slots: bool = False,
        eq: bool = True,
    ) -> Any:
        """See `dataclasses.dataclass`; of its options these three are there."""

        def decorate(cls: type) -> type:
            return _made(cls, frozen=frozen, slots=slots, eq=eq)

        return decorate if cls is None else decorate(cls)

    def replace(made: Any, /, **changes: Any) -> Any:
        """See `dataclasses.replace`."""
        return made.__replace__(**changes)

    def _made(cls: type, *, frozen: bool, slots: bool, eq: bool) -> type:
        found = _described(cls)
        if slots:
            cls = _slotted(cls, found)
        if "__init__" not in cls.__dict__:  # what is made by the million may bring a quicker one
            cls.__init__ = _initializer(cls, found, slots=slots)
        cls.__repr__ = _repr
        cls.__replace__ = _replacement(found)
        if eq:
            cls.__eq__ = _comparison(found)
            cls.__hash__ = _hashing(found) if frozen else None
        if frozen and "__setattr__" not in cls.__dict__:
            cls.__setattr__ = _refused
            cls.__delattr__ = _refused
        if frozen and slots:  # pickling and copying set attributes otherwise
            cls.__getstate__ = _state
            cls.__setstate__ = _set_state
        return cls

    def _described(cls: type) -> tuple[dataclasses.Field[Any], ...]:
        """The fields with their defaults, those of the bases first."""
        found: dict[str, dataclasses.Field[Any]] = {}
        for base in cls.__mro__[-1:0:-1]:
            found.update(getattr(base, "__dataclass_fields__", {}))
        for name, annotation in cls.__annotations__.items():
            if not annotation.startswith("ClassVar"):
                found[name] = _field(cls, name, annotation)
        cls.__dataclass_fields__ = found
        return tuple(found.values())

    def _field(cls: type, name: str, annotation: str) -> dataclasses.Field[Any]:
        default = cls.__dict__.get(name, MISSING)
        found = default if isinstance(default, dataclasses.Field) else _plain(default=default)
        found.name, found.type, found._field_type = name, annotation, _IS_FIELD  # noqa: SLF001 - see above
        if found.default is not MISSING:
            setattr(cls, name, found.default)
        elif default is not MISSING:  # a factory: nothing stands on the class
            delattr(cls, name)
        return found

    def _slotted(cls: type, found: tuple[dataclasses.Field[Any], ...]) -> type:
        """The class once more, with slots: they cannot be added to one that is made."""
        names = [f.name for f in found]
        gone = {*names, "__dict__", "__weakref__"}
        body = {name: value for name, value in cls.__dict__.items() if name not in gone}
        inherited = {s for base in cls.__mro__[1:] for s in getattr(base, "__slots__", ())}
        body["__slots__"] = tuple(name for name in names if name not in inherited)
        made = type(cls)(cls.__name__, cls.__bases__, body)
        made.__qualname__ = cls.__qualname__
        return made

    def _initializer(cls: type, found: tuple[dataclasses.Field[Any], ...], *, slots: bool) -> Any:
        names = tuple(f.name for f in found)
        count = len(names)
        setters = tuple(getattr(cls, name).__set__ for name in names) if slots else ()
        completed = _completion(cls.__qualname__, found)

        def __init__(self: Any, /, *args: Any, **more: Any) -> None:  # noqa: N807 - it becomes one
            if more or len(args) != count:
                args = completed(args, more)
            if slots:
                for setter, value in zip(setters, args):  # noqa: B905 - as many of each
                    setter(self, value)
            else:
                self.__dict__.update(zip(names, args))  # noqa: B905 - as many of each

        return __init__

    def _completion(name: str, found: tuple[dataclasses.Field[Any], ...]) -> Any:
        """What turns the arguments of a call into one value for each field."""
        places = {field.name: k for k, field in enumerate(found)}
        defaults = tuple(field.default for field in found)
        # Those for which the default is not a value yet: it is made, or there is none.
        open_ones = tuple(k for k, default in enumerate(defaults) if default is MISSING)

        needed = open_ones[-1] + 1 if open_ones else 0
        count = len(found)
        all_of = _getter_of_items(tuple(places))

        def completed(args: tuple[Any, ...], more: dict[str, Any]) -> Any:
            given = len(args)
            if not more and needed <= given <= count:
                return args + defaults[given:]
            if not args and len(more) == count and places.keys() == more.keys():
                return all_of(more)
            values = [*args, *defaults[given:]]
            unknown = [key for key in more if places.get(key, -1) < given]
            if unknown or given > len(found):
                wrong = ", ".join(unknown) or f"{given} of {len(found)}"
                raise TypeError(f"{name}() got arguments it does not take: {wrong}")
            for key, value in more.items():
                values[places[key]] = value
            for k in open_ones:
                if k >= given and values[k] is MISSING:
                    values[k] = made(found[k])
            return values

        def made(field: dataclasses.Field[Any]) -> Any:
            if field.default_factory is MISSING:
                raise TypeError(f"{name}() missing the argument '{field.name}'")
            return field.default_factory()

        return completed

    def _replacement(found: tuple[dataclasses.Field[Any], ...]) -> Any:
        places = {field.name: k for k, field in enumerate(found)}
        values = _getter(places)

        def __replace__(self: Any, /, **changes: Any) -> Any:  # noqa: N807 - it becomes one
            updated = list(values(self))
            for name, value in changes.items():
                if name not in places:
                    raise TypeError(f"{type(self).__name__} has no field '{name}' to replace")
                updated[places[name]] = value
            return type(self)(*updated)

        return __replace__

    def _comparison(found: tuple[dataclasses.Field[Any], ...]) -> Any:
        values = _getter(f.name for f in found if f.compare)

        def __eq__(self: Any, other: object) -> bool:  # noqa: N807 - it becomes one
            if other.__class__ is not self.__class__:
                return NotImplemented
            return values(self) == values(other)

        return __eq__

    def _hashing(found: tuple[dataclasses.Field[Any], ...]) -> Any:
        values = _getter(
            f.name for f in found if (f.compare if f.hash is None else f.hash)
        )  # fmt: skip
        return lambda self: hash(values(self))

    def _getter(names: Any) -> Any:
        """All of these attributes as a tuple; one alone and none at all are tuples too."""
        chosen = tuple(names)
        if len(chosen) > 1:
            return attrgetter(*chosen)
        return lambda self: tuple(getattr(self, name) for name in chosen)

    def _getter_of_items(names: tuple[str, ...]) -> Any:
        """The values of these keys of a mapping, always as a tuple."""
        if len(names) > 1:
            return itemgetter(*names)
        return lambda mapping: tuple(mapping[name] for name in names)

    def _repr(self: Any) -> str:
        shown = (f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
        return f"{self.__class__.__qualname__}({', '.join(shown)})"

    def _refused(self: Any, name: str, _value: object = None) -> None:
        raise FrozenInstanceError(f"'{name}' of a {type(self).__name__} cannot change")

    def _state(self: Any) -> list[Any]:
        return [getattr(self, f.name) for f in dataclasses.fields(self)]

    def _set_state(self: Any, state: list[Any]) -> None:
        for field, value in zip(dataclasses.fields(self), state, strict=True):
            object.__setattr__(self, field.name, value)
