"""What NumPy's functions and ufuncs do with traced arrays: an op of the table, or several."""

from __future__ import annotations

import string
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.attach.numpy.arrays import Traced, out_of, plain, put_in
from tui_backprop.attach.numpy.binding import apply, bound, join, lifted, no_option
from tui_backprop.attach.numpy.factors import FACTORS
from tui_backprop.attach.numpy.frames import refused
from tui_backprop.attach.numpy.indexing import index
from tui_backprop.attach.numpy.lowered import LOWERED
from tui_backprop.attach.numpy.table import (
    ACCUMULATE,
    APART,
    ASKING,
    CALLS,
    DECIDING,
    FROM_SCIPY,
    OF_BOOLS,
    REDUCE,
    RENAMED,
)
from tui_backprop.language.message import said
from tui_backprop.program.vocabulary.foreign import advice
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tui_backprop.attach.numpy.record import Record


def call_function(record: Record, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """A function of NumPy on traced arrays.

    Args:
        record: receives what is done.
        func: the function; ``"index"`` for ``x[key]``.
        args: its arguments.
        kwargs: those that are given by name.

    Raises:
        TraceError: it has no op, or not with these arguments.
    """
    name = func if isinstance(func, str) else _name(func)
    own = _OWN_WAY.get(name)
    if own is not None:
        return own(record, *args, **kwargs)
    if name in ASKING:
        return func(*plain(args), **_plain_values(kwargs))
    if name in DECIDING:
        record.decided()
        return func(*plain(args), **_plain_values(kwargs))
    args = [lifted(record, given) for given in args]
    op = RENAMED.get(name, name).removeprefix("linalg.")
    if name in LOWERED and (op not in RULES or name in APART):
        return _lower(record, name, func, args, kwargs)
    tokens = CALLS.get(name, CALLS.get(op))
    if op not in RULES:
        raise _unknown(name)
    value = func(*plain(args), **_plain_values(kwargs))
    rule = RULES[op]
    if rule.family is not None:
        return join(record, rule, value, *args, **kwargs)
    return apply(record, rule, bound(rule, tokens, name, args, kwargs), value)


def call_ufunc(
    record: Record, ufunc: Any, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """A ufunc on traced arrays; see `call_function`."""
    name = ufunc.__name__
    if getattr(np, name, None) is not ufunc and name not in FROM_SCIPY:
        raise _unknown(name)
    inputs = [lifted(record, given) for given in inputs]
    if method != "__call__":
        return _method(record, ufunc, method, inputs, kwargs)
    options = dict(kwargs)
    target = options.pop("out", None)
    out = out_of(target)
    for option, given in options.items():
        if option not in ("casting", "order", "subok") and given is not True:
            raise no_option(name, option)
    numbers = [plain(given) for given in inputs]
    value = ufunc(*numbers) if out is None else ufunc(*numbers, out=out)
    is_of_bools = all(np.asarray(n).dtype == bool for n in numbers)
    if is_of_bools and name in OF_BOOLS:
        name = OF_BOOLS[name]
    op = RENAMED.get(name, name)
    if op not in RULES and name in LOWERED:
        return _lower(record, name, ufunc, inputs, {}, value)
    if op not in RULES:
        raise _unknown(name)
    found = apply(record, RULES[op], dict(zip(RULES[op].operands, inputs, strict=False)), value)
    return found if out is None else put_in(record, target, found)


def _name(func: Any) -> str:
    """``sum``, ``linalg.norm``, ``fft.fft``."""
    module = (func.__module__ or "").removeprefix("numpy").removeprefix(".")
    is_public = module and not module.startswith("_") and module != "lib"
    return f"{module}.{func.__name__}" if is_public else str(func.__name__)


def _unknown(name: str) -> Exception:
    if name.startswith("fft."):
        return refused(
            said("np.{name} gives complex numbers, which cannot be traced", name=name),
            said("write the sum it stands for with np.cos and np.sin"),
        )
    message = said("'{name}' has no op here, so it cannot be traced", name=name)
    hint = advice(name.rpartition(".")[2], RULES)[1]
    return refused(message, hint or said("'tui-backprop ops' lists those that there are"))


def _plain_values(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(given) for name, given in kwargs.items()}


def _lower(
    record: Record,
    name: str,
    func: Any,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    value: Any = None,
) -> Any:
    """A function said in terms of others; its numbers are those that NumPy's own gives."""
    before = record.entries
    if value is None:
        value = func(*plain(args), **_plain_values(kwargs))
    with np.errstate(all="ignore"), record.steps():
        found = LOWERED[name](*args, **kwargs)
    pairs = zip(found, value, strict=True) if isinstance(found, tuple | list) else ((found, value),)
    for made, numbers in pairs:
        if isinstance(made, Traced) and made.entry.number > before:
            record.give(made.entry, numbers)
            made.value = numbers
    return found


def _method(
    record: Record, ufunc: Any, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """``np.add.reduce`` and its kin."""
    name = f"{ufunc.__name__}.{method}"
    if method == "outer":
        a, b = inputs
        axes = (...,) + (None,) * np.ndim(plain(b))
        return ufunc(a[axes] if np.ndim(plain(a)) else a, b)
    op = {"reduce": REDUCE, "accumulate": ACCUMULATE}.get(method, {}).get(ufunc.__name__)
    if op is None:
        raise _unknown(name)
    given = dict(kwargs) if len(inputs) < 2 else {"axis": inputs[1], **kwargs}
    value = getattr(ufunc, method)(plain(inputs[0]), **_plain_values(given))
    arguments = {"axis": 0, **given}
    return apply(record, RULES[op], bound(RULES[op], CALLS.get(op), name, inputs[:1], arguments),
                  value)  # fmt: skip


def _where(record: Record, condition: Any, *choices: Any) -> Any:
    """``np.where``; with a condition alone it answers which entries hold."""
    if not choices:
        return call_function(record, np.nonzero, (condition,), {})
    given = [lifted(record, part) for part in (condition, *choices)]
    value = np.where(*(plain(part) for part in given))
    return apply(record, RULES["where"], dict(zip(RULES["where"].operands, given, strict=True)),
                  value)  # fmt: skip


def _einsum(record: Record, *operands: Any, out: Any = None, **options: Any) -> Any:
    """``np.einsum``, its labels in letters or in lists."""
    if out is not None:
        raise no_option("einsum", "out")
    arrays = [lifted(record, given) for given in operands]
    if not isinstance(arrays[0], str):
        arrays = list(_in_letters(arrays))
    subscripts = arrays[0].replace(" ", "")
    value = np.einsum(*plain(arrays), **options)
    family = RULES["einsum"].family
    if family is None:
        raise AssertionError("einsum takes any number of arrays")
    rule = family.of(len(arrays) - 1)
    given = dict(zip(rule.operands, arrays[1:], strict=True)) | {"subscripts": subscripts}
    return apply(record, rule, given, value)


def _in_letters(given: Sequence[Any]) -> Iterator[Any]:
    """``einsum(a, [0, 1], b, [1, 2], [0, 2])`` as ``einsum("ab,bc->ac", a, b)``."""

    def word(labels: Any) -> str:
        return "".join("..." if n is Ellipsis else string.ascii_letters[n] for n in labels)

    count = len(given) // 2
    words = ",".join(word(given[2 * k + 1]) for k in range(count))
    yield f"{words}->{word(given[-1])}" if len(given) % 2 else words
    yield from (given[2 * k] for k in range(count))


def _copyto(
    _record: Record, dst: Any, src: Any, *_casting: Any, where: Any = True, **_: Any
) -> Any:
    """What ``np.full`` calls: an array of objects can take traced numbers, no other can."""
    if isinstance(dst, np.ndarray) and dst.dtype == object and where is True:
        dst[...] = src.objects() if isinstance(src, Traced) else src
        return
    raise refused(
        said("traced numbers are copied into a plain array, which would cut the path"),
        said("write x * np.ones(shape) in place of np.full_like(array, x)"),
    )


def _full_like(
    record: Record, x: Any, fill_value: Any, dtype: Any = None, shape: Any = None, **_order: Any
) -> Any:
    if not isinstance(fill_value, Traced):
        return np.full_like(plain(x), fill_value, dtype=dtype, shape=shape)
    wanted = np.shape(plain(x)) if shape is None else shape
    return call_function(record, np.broadcast_to, (fill_value, wanted), {})


def _product(name: str) -> Callable[..., Any]:
    """A product that, of vectors and matrices, is `matmul`, whose last bits are NumPy's here."""

    def multiplied(record: Record, a: Any, b: Any, out: Any = None) -> Any:
        if out is not None:
            raise no_option(name, "out")
        a, b = lifted(record, a), lifted(record, b)
        value = getattr(np, name)(plain(a), plain(b))
        axes = {np.ndim(plain(a)), np.ndim(plain(b))}
        op = "matmul" if axes <= ({1, 2} if name == "dot" else {1}) else name
        return apply(record, RULES[op], {"a": a, "b": b}, value)

    return multiplied


def _astype(record: Record, x: Any, dtype: Any, *, copy: bool = True, **_device: Any) -> Any:
    """Real numbers stay traced; whole ones are the same in every run."""
    wanted = np.dtype(dtype)
    if wanted.kind == "c":
        record.check_real(np.zeros((), wanted))
    if wanted == x.dtype:
        return x.copy() if copy else x
    if wanted.kind == "f":
        value = np.asarray(x.value).astype(wanted)[()]
        return apply(record, RULES["multiply"], {"x": x, "y": 1}, value)
    if wanted.kind == "b":
        return x != 0
    record.decided()
    return np.asarray(plain(x)).astype(wanted)


_OWN_WAY: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        **FACTORS,
        "dot": _product("dot"),
        "index": index,
        "inner": _product("inner"),
        "vdot": _product("vdot"),
        "where": _where,
        "einsum": _einsum,
        "copyto": _copyto,
        "full_like": _full_like,
        "astype": _astype,
    }
)
"""Functions whose arguments are read in a way of their own."""
