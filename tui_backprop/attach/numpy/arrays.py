"""The array that NumPy functions are given in place of their own: it computes, and is recorded.

It has the operators, indexing, methods and attributes of NumPy's arrays. What would lead out of
the record, such as ``float(x)``, is refused at the user's line.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from tui_backprop.attach.numpy.frames import (
    is_formatting,
    is_in_place,
    is_storing,
    library_at_work,
    refused,
    user_frame,
    user_place,
)
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.attach.numpy.record import Entry, Record
    from tui_backprop.errors import TraceError
    from tui_backprop.rules.types import Array, Shape

_MOST_OBJECTS: Final = 4096
"""Entries of an array that may become Python objects, each a traced number."""
_FUNCTIONS_WORDS: Final = (
    "all any argmax argmin argsort argpartition clip compress cumprod cumsum diagonal dot "
    "max mean min nonzero prod ravel repeat round searchsorted squeeze std sum swapaxes take "
    "trace var"
)
_FUNCTIONS: Final = frozenset(_FUNCTIONS_WORDS.split())
"""The methods of arrays that are a function of NumPy with the array in front."""
_CHANGING_WORDS: Final = "fill put itemset partition resize setfield setflags sort"
_CHANGING: Final = frozenset(_CHANGING_WORDS.split())
_LEAVING_WORDS: Final = "dump dumps getfield item tobytes tofile tolist view"
_LEAVING: Final = frozenset(_LEAVING_WORDS.split())


class Traced:
    """A value of the record that behaves as NumPy's array of that value.

    Attributes:
        record: what it is part of.
        entry: which value.
        value: its numbers, in the memory in which NumPy would have them: a copy has its own.
    """

    __slots__ = ("entry", "record", "value")
    __array_priority__ = 1000.0
    __hash__ = None  # type: ignore[assignment]  # as arrays, which are compared entry by entry

    def __init__(self, record: Record, entry: Entry, value: Any = None) -> None:
        self.record = record
        self.entry = entry
        self.value = entry.value if value is None else value

    @property
    def shape(self) -> Shape:
        """As of an array."""
        return self.entry.shape

    @property
    def ndim(self) -> int:
        """As of an array."""
        return np.ndim(self.value)

    @property
    def size(self) -> int:
        """As of an array."""
        return int(np.size(self.value))

    @property
    def dtype(self) -> np.dtype[Any]:
        """As of an array."""
        return np.asarray(self.value).dtype

    @property
    def itemsize(self) -> int:
        """As of an array."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """As of an array."""
        return self.size * self.itemsize

    @property
    def T(self) -> Any:
        """The axes reversed."""
        return np.transpose(self)

    @property
    def mT(self) -> Any:
        """The last two axes exchanged."""
        return _call("swapaxes", self, -1, -2)

    @property
    def real(self) -> Traced:
        """Itself: no number here is complex."""
        return self

    @property
    def imag(self) -> Array:
        """Zeros."""
        return np.zeros(self.shape)

    @property
    def flat(self) -> Iterator[Any]:
        """Its entries, one by one."""
        return iter(_call("ravel", self))

    def reshape(self, *shape: Any, order: str = "C", copy: Any = None) -> Any:
        """As of an array: one shape, or its lengths."""
        del copy
        return _call("reshape", self, shape[0] if len(shape) == 1 else shape, order)

    def transpose(self, *axes: Any) -> Any:
        """As of an array: nothing, one tuple, or the axes."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        return _call("transpose", self, order)

    def flatten(self, order: str = "C") -> Any:
        """As of an array."""
        return _call("ravel", self.copy(), order)

    def copy(self, _order: str = "C") -> Traced:
        """As of an array: what changes the one in place leaves the other."""
        return Traced(self.record, self.entry, np.array(plain(self))[()])

    def astype(self, dtype: Any, *_order: Any, copy: bool = True, **_casting: Any) -> Any:
        """As of an array; whole numbers are the same in every run, so they leave the record."""
        return _call("astype", self, dtype, copy=copy)

    def conj(self) -> Traced:
        """Itself: no number here is complex."""
        return self

    conjugate = conj

    def __getattr__(self, name: str) -> Any:
        if name in _FUNCTIONS:
            return partial(_call, name, self)
        if name in _CHANGING:
            raise refused(
                said("'.{name}' changes an array in place, which cannot be traced", name=name),
                said("write what makes a new array: np.sort(x), np.where(condition, a, b)"),
            )
        if name in _LEAVING:
            raise refused(
                said("'.{name}' takes the numbers out of the trace", name=name),
                said("leave it out: a traced number is used as it is"),
            )
        if name == "__jax_array__":  # JAX asks for it before it refuses what it does not know
            raise refused(
                said("a function of JAX is given arrays of NumPy"),
                said("give it arrays of JAX: jnp.asarray(x) for each x"),
            )
        ufunc = getattr(np, name, None)
        if isinstance(ufunc, np.ufunc) and ufunc.nin == 1:  # arrays of objects call x.exp()
            return partial(ufunc, self)
        raise AttributeError(f"a traced array has no attribute {name!r}")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return self.record.call_ufunc(self.record, ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, _types: Any, args: Any, kwargs: Any) -> Any:
        return self.record.call_function(self.record, func, args, kwargs)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        """An array of objects, each a traced number: what NumPy then does reaches us again."""
        if (stored := _stored()) is not None:
            raise stored
        if library := library_at_work():
            raise refused(
                said("{function} makes plain arrays of traced ones, which would cut the path",
                     function=library),
                said("write what it computes with functions of NumPy"),
            )  # fmt: skip
        if dtype is not None and np.dtype(dtype) != np.dtype(object):
            message = said("a plain array is made of a traced one here, which would cut the path")
            raise refused(message, _PLAIN_ADVICE)
        if self.size > _MOST_OBJECTS:
            message = said(
                "a plain array is made of a traced one here, {count} numbers one by one",
                count=f"{self.size:,}",
            )
            raise refused(message, _PLAIN_ADVICE)
        self.record.plain.append(user_place())
        found = self.copy().objects() if copy else self.objects()
        # Written to, an array that is none but another name of this one would leave this one as is.
        found.setflags(write=bool(copy))
        return found

    def objects(self) -> Array:
        """Its entries as Python objects, each of them traced and in its memory, in its shape."""
        found = np.empty(self.shape, dtype=object)
        for index in np.ndindex(self.shape):
            part = self if self.ndim == 0 else self[index]
            if self.ndim:
                part.value = self.value[(*index, ...)]
            found[index] = part
        return found

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d array")
        return (self[k] for k in range(self.shape[0]))

    def __getitem__(self, key: Any) -> Any:
        return self.record.call_function(self.record, "index", (self, key), {})

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise refused(
            said("an entry of a traced array is assigned, and entries have no history"),
            said("write np.where(c, a, b), or join the parts with np.stack or np.concatenate"),
        )

    def __bool__(self) -> bool:
        self.record.decided()
        return bool(plain(self))

    def __float__(self) -> float:
        if is_formatting(user_frame()):
            return float(plain(self))
        raise _stored() or refused(
            said("a traced number becomes a plain one here, which would cut the path"),
            said("leave float() out, and write np.exp(x) in place of math.exp(x)"),
        )

    def __int__(self) -> int:
        if is_formatting(user_frame()):
            return int(plain(self))
        raise refused(
            said("a traced number becomes a whole one here, which would cut the path"),
            said("take what counts or indexes from a shape or from a plain array"),
        )

    __index__ = __int__

    def __complex__(self) -> NoReturn:
        raise refused(
            said("complex numbers cannot be traced: a program here is made of real ones"),
            said("write the real and the imaginary part as two arrays"),
        )

    def __repr__(self) -> str:
        return f"traced({self.value!r})"

    def __format__(self, form: str) -> str:
        return format(self.value if self.ndim == 0 else str(self.value), form)

    def __copy__(self) -> Traced:
        return self.copy()

    def __deepcopy__(self, _memo: Any) -> Traced:
        return self.copy()

    def __round__(self, decimals: int | None = None) -> Any:
        return _call("round", self, decimals or 0)


def _stored() -> TraceError | None:
    """What ``a[i] = x`` is met with, where a is a plain array; None elsewhere."""
    if not is_storing(user_frame()):
        return None
    return refused(
        said("a traced array is written into a plain one, which would cut the path"),
        said("join the parts with np.stack or np.concatenate"),
    )


_PLAIN_ADVICE: Final = said("leave np.asarray out: a traced array is used as it is")


def _call(name: str, *args: Any, **kwargs: Any) -> Any:
    """A function of NumPy by its name: the stubs know no arrays but NumPy's own."""
    return getattr(np, name)(*args, **kwargs)


_OPERATORS: Final = (
    "add add", "sub subtract", "mul multiply", "truediv divide", "floordiv floor_divide",
    "mod remainder", "pow power", "matmul matmul", "and bitwise_and", "or bitwise_or",
    "xor bitwise_xor", "divmod divmod", "lshift left_shift", "rshift right_shift",
)  # fmt: skip
_COMPARISONS: Final = (
    "lt less", "le less_equal", "gt greater", "ge greater_equal", "eq equal", "ne not_equal",
)  # fmt: skip
_SIGNS: Final = ("neg negative", "pos positive", "abs absolute", "invert invert")


def _binary(ufunc: Any) -> Any:
    # A ufunc is no method: it binds no self.
    def apply(self: Traced, other: Any) -> Any:
        return ufunc(self, other)

    return apply


def _power(self: Traced, other: Any) -> Any:
    found = np.power(self, other)
    # Some powers NumPy computes in another way where they are written so.
    numbers = plain(self) ** plain(other)
    found.record.give(found.entry, numbers)
    found.value = numbers
    return found


def _swapped(ufunc: Any) -> Any:
    def apply(self: Traced, other: Any) -> Any:
        return ufunc(other, self)

    return apply


def _in_place(ufunc: Any) -> Any:
    """With ``=`` the name is bound anew, as that of NumPy's own numbers is, which never change."""

    def apply(self: Traced, other: Any) -> Any:
        is_array = isinstance(self.value, np.ndarray)
        return ufunc(self, other, out=self) if is_array else ufunc(self, other)

    return apply


def _unary(ufunc: Any) -> Any:
    def apply(self: Traced) -> Any:
        return ufunc(self)

    return apply


def _give_operators() -> None:
    """Each operator is the ufunc that arrays have for it."""
    for name, word in map(str.split, _OPERATORS):
        ufunc = getattr(np, word)
        setattr(Traced, f"__{name}__", _power if name == "pow" else _binary(ufunc))
        setattr(Traced, f"__r{name}__", _swapped(ufunc))
        if name != "divmod":
            setattr(Traced, f"__i{name}__", _in_place(ufunc))
    for name, word in map(str.split, _COMPARISONS):
        setattr(Traced, f"__{name}__", _binary(getattr(np, word)))
    for name, word in map(str.split, _SIGNS):
        setattr(Traced, f"__{name}__", _unary(getattr(np, word)))


_give_operators()


def traced(record: Record, entry: Entry) -> Traced:
    """A value of the record as an array."""
    return Traced(record, entry)


def plain(value: Any) -> Any:
    """The same with the numbers in place of every traced array, in lists and tuples too."""
    if isinstance(value, Traced):
        value.record.check_current(value.value, value.entry.number)
        return value.value
    if isinstance(value, np.ndarray) and value.dtype == object:
        return _numbers(value)
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)(plain(part) for part in value)
    if isinstance(value, slice):
        return value
    return value


def _numbers(objects: Array) -> Array:
    return np.array([plain(part) for part in objects.ravel()]).reshape(objects.shape)


def holds_traced(value: Any) -> bool:
    """Whether a list, tuple or array of objects has a traced array in it, or is one."""
    if isinstance(value, Traced):
        return True
    if isinstance(value, np.ndarray):
        return value.dtype == object and any(isinstance(part, Traced) for part in value.ravel())
    return isinstance(value, list | tuple) and any(map(holds_traced, value))


def out_of(out: Any) -> Any:
    """A copy of the array that NumPy would write to, where ``a += b`` binds the name to another.

    Raises:
        TraceError: it is written to in another way, so that what is written would be lost; or it
            is another name of a traced array, which NumPy would change as well.
    """
    if out is None:
        return None
    (given,) = out
    if not is_in_place(user_frame()):
        raise refused(
            said("'out' writes into an array, which cannot be traced"),
            said("write a = np.add(x, y) in place of np.add(x, y, out=a)"),
        )
    if isinstance(given, np.ndarray) and not given.flags.writeable and holds_traced(given):
        message = said("an array is changed in place that is a traced one under another name")
        raise refused(message, _PLAIN_ADVICE)
    return plain(given).copy()


def put_in(record: Record, out: Any, found: Traced) -> Any:
    """What ``a += b`` binds its name to: an array of objects takes the numbers itself."""
    (given,) = out
    if isinstance(given, np.ndarray) and given.dtype == object:
        given[...] = found.objects()
        return given
    record.change(plain(given))
    return found
