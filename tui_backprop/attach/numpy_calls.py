"""Which function of NumPy is which op: one table, and the binding of a call to an op's arguments.

A function that bears the name of an op needs a line only where NumPy's arguments differ from it.
"""

from __future__ import annotations

import string
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.attach.numpy_arrays import Traced, holds_traced, out_of, plain, traced
from tui_backprop.attach.numpy_frames import outer_name_of, refused
from tui_backprop.attach.numpy_lowered import LOWERED
from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import said
from tui_backprop.program.arguments import checked
from tui_backprop.program.foreign import advice
from tui_backprop.rules import RULES
from tui_backprop.rules.rule import MOST_MEMBERS, REQUIRED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tui_backprop.attach.numpy_record import Entry, Record
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array

_REDUCED: Final = "~dtype ~out keepdims ~initial ~where"

CALLS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sum": f"x axis {_REDUCED}",
        "prod": f"x axis {_REDUCED}",
        "mean": "x axis ~dtype ~out keepdims ~where",
        "var": "x axis ~dtype ~out ddof keepdims ~where ~mean ddof=correction",
        "std": "x axis ~dtype ~out ddof keepdims ~where ~mean ddof=correction",
        "average": "x axis weights ~returned keepdims",
        "max": "x axis ~out keepdims ~initial ~where",
        "min": "x axis ~out keepdims ~initial ~where",
        "cumsum": "x axis ~dtype ~out",
        "cumprod": "x axis ~dtype ~out",
        "round": "x decimals ~out",
        "clip": "x min max ~out min=a_min max=a_max ~dtype",
        "dot": "a b ~out",
        "outer": "a b ~out",
        "trace": "x offset axis1 axis2 ~dtype ~out",
        "reshape": "x shape order .copy",
        "broadcast_to": "x shape .subok",
        "pad": "x pad_width mode constant_values",
        "sort": "x axis .kind .order .stable",
        "linalg.norm": "x ord axis keepdims",
        "linalg.outer": "a b",
        "linalg.tensordot": "a b axes",
        "linalg.matmul": "a b",
    }
)
"""NumPy's arguments in NumPy's order, by the name of the function, which is that of the op.

A word is what the op calls the argument; ``ours=theirs`` another name of it; ``~word`` an argument
that must be left out, ``.word`` one that changes nothing.
"""

_RENAMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "absolute": "abs", "fabs": "abs", "rint": "round", "amax": "max", "amin": "min",
        "around": "round", "round_": "round", "concat": "concatenate", "permute_dims": "transpose",
        "row_stack": "vstack", "expit": "sigmoid", "log_expit": "log_sigmoid",
    }
)  # fmt: skip
"""Functions, and ufuncs of NumPy and SciPy, that are an op of another name."""

_APART: Final = frozenset({"linalg.diagonal", "linalg.trace"})
"""Functions that are not what the op of that name is: they take the last two axes."""

_FIRST: Final = frozenset({"a", "x", "m", "v", "arr", "A", "array"})
"""How NumPy calls the array in front."""

_REDUCE: Final[Mapping[str, str]] = MappingProxyType(
    {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min",
     "logaddexp": "logsumexp"}
)  # fmt: skip
_ACCUMULATE: Final[Mapping[str, str]] = MappingProxyType({"add": "cumsum", "multiply": "cumprod"})
_OF_BOOLS: Final[Mapping[str, str]] = MappingProxyType(
    {"add": "maximum", "bitwise_or": "maximum", "bitwise_and": "multiply",
     "bitwise_xor": "not_equal"}
)  # fmt: skip
"""What a ufunc of two conditions is, whose values are 0 and 1 here."""

_DECIDING: Final = frozenset(
    (
        "all any allclose argmax argmin argpartition argsort argwhere array_equal array_equiv "
        "bincount count_nonzero digitize flatnonzero histogram isclose lexsort nanargmax "
        "nanargmin nonzero searchsorted unique histogram_bin_edges"
    ).split()
)
"""Functions whose result is no smooth one: it leaves the record, and is fixed from there on."""
_ASKING: Final = frozenset(
    (
        "shape size ndim zeros_like ones_like empty_like result_type iscomplexobj isrealobj "
        "array_repr array_str array2string may_share_memory shares_memory can_cast min_scalar_type "
        "common_type iscomplex isreal linalg.matrix_rank broadcast_shapes"
    ).split()
)
"""Functions whose result does not depend on the numbers, or is only looked at."""


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
    if name in _ASKING:
        return func(*plain(args), **_plain_values(kwargs))
    if name in _DECIDING:
        record.decided()
        return func(*plain(args), **_plain_values(kwargs))
    args = [_lifted(record, given) for given in args]
    op = _RENAMED.get(name, name).removeprefix("linalg.")
    if name in LOWERED and (op not in RULES or name in _APART):
        return _lower(record, name, func, args, kwargs)
    tokens = CALLS.get(name, CALLS.get(op))
    if op not in RULES:
        raise _unknown(name)
    value = func(*plain(args), **_plain_values(kwargs))
    rule = RULES[op]
    if rule.family is not None:
        return _join(record, rule, value, *args, **kwargs)
    return _apply(record, rule, _bound(rule, tokens, name, args, kwargs), value)


def call_ufunc(
    record: Record, ufunc: Any, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """A ufunc on traced arrays; see `call_function`."""
    name = ufunc.__name__
    inputs = [_lifted(record, given) for given in inputs]
    if method != "__call__":
        return _method(record, ufunc, method, inputs, kwargs)
    options = dict(kwargs)
    out = out_of(record, options.pop("out", None))
    for option, given in options.items():
        if option not in ("casting", "order", "subok") and given is not True:
            raise _no_option(name, option)
    numbers = [plain(given) for given in inputs]
    value = ufunc(*numbers) if out is None else ufunc(*numbers, out=out)
    is_of_bools = all(np.asarray(n).dtype == bool for n in numbers)
    if is_of_bools and name in _OF_BOOLS:
        name = _OF_BOOLS[name]
    op = _RENAMED.get(name, name)
    if op not in RULES and name in LOWERED:
        return _lower(record, name, ufunc, inputs, {}, value)
    if op not in RULES:
        raise _unknown(name)
    return _apply(record, RULES[op], dict(zip(RULES[op].operands, inputs, strict=False)), value)


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
    message = said("np.{name} has no op here, so it cannot be traced", name=name)
    return refused(message, advice(name.rpartition(".")[2], RULES)[1])


def _no_option(name: str, option: str) -> Exception:
    return refused(
        said("np.{name} is given '{option}', which its op has not", name=name, option=option),
        said("leave it out, or apply np.where before"),
    )


def _plain_values(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(given) for name, given in kwargs.items()}


def _lifted(record: Record, given: Any) -> Any:
    """An array of objects, or a list, that holds traced numbers as one traced array.

    A list of whole arrays stays: functions that join arrays take one.
    """
    if isinstance(given, np.ndarray) and holds_traced(given):
        return as_one(record, given)
    if isinstance(given, list | tuple) and holds_traced(given):
        return type(given)([_lifted(record, part) for part in given])
    return given


def as_one(record: Record, given: Any) -> Any:
    """An array of objects, or a list of arrays, as one traced array."""
    if isinstance(given, list | tuple):
        return call_function(record, np.stack, ([as_one(record, part) for part in given],), {})
    if not isinstance(given, np.ndarray) or given.dtype != object:
        return given
    parts = list(given.ravel())
    whole = _whole(parts, given.shape)
    if whole is not None:
        return traced(record, whole)
    return call_function(record, np.stack, (parts,), {}).reshape(given.shape)


def _whole(parts: Sequence[Any], shape: tuple[int, ...]) -> Entry | None:
    """The array whose entries these are, all of them and in order."""
    first = parts[0].entry if isinstance(parts[0], Traced) else None
    if first is None or first.rule is None or first.rule.name != "index":
        return None
    base = first.operands[0]
    if isinstance(base, float | int) or base.shape != shape or not shape:
        return None
    for part, index in zip(parts, np.ndindex(shape), strict=True):
        entry = part.entry if isinstance(part, Traced) else None
        if entry is None or entry.rule is not first.rule or entry.operands != first.operands:
            return None
        if entry.params.get("key") != index:
            return None
    return base


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
    with np.errstate(all="ignore"):
        found = LOWERED[name](*args, **kwargs)
    several = isinstance(found, tuple | list)
    pairs = zip(found, value, strict=True) if several else ((found, value),)
    for made, numbers in pairs:
        if isinstance(made, Traced) and made.entry.number > before:
            record.check_real(numbers)
            made.entry.value = numbers
    return found


def _bound(
    rule: Rule, tokens: str | None, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """What a call gives, by the names of the op's arguments."""
    words = tokens.split() if tokens else [*rule.operands, *(p.name for p in rule.parameters)]
    order = [word for word in words if "=" not in word]
    other = {w.partition("=")[2]: w.partition("=")[0] for w in words if "=" in w}
    named = {word.lstrip("~."): word for word in order}
    given = list(zip(order, args, strict=False))
    for key, value in kwargs.items():
        word = other.get(key) or named.get(key)
        if word is None and key in _FIRST and order[0] not in dict(given):
            word = order[0]
        if word is None:
            raise _no_option(name, key)
        given.append((word, value))
    found: dict[str, Any] = {}
    for word, value in given:
        if word[0] == "~" and not _is_left_out(word[1:], value):
            raise _no_option(name, word[1:])
        if word[0] not in "~." and value is not np._NoValue:  # type: ignore[attr-defined]  # noqa: SLF001 - NumPy's mark of an argument left out
            found[word] = value
    return found


def _is_left_out(word: str, value: Any) -> bool:
    if value is None or value is np._NoValue:  # type: ignore[attr-defined]  # noqa: SLF001 - as above
        return True
    if word == "dtype":
        return np.dtype(value) in (np.dtype(np.float64), np.dtype(np.float32))
    return (word == "where" and value is True) or (word == "returned" and value is False)


def _apply(record: Record, rule: Rule, given: Mapping[str, Any], value: Any) -> Any:
    """One op on arguments by name; those of them that are arrays are operands."""
    if rule.name in ("dot", "inner") and not all(np.ndim(plain(g)) for g in given.values()):
        rule, given = RULES["multiply"], {"x": given["a"], "y": given["b"]}
    if rule.extras is not None:
        numbers = {p.name for p in rule.parameters}
        extras = [n for n in rule.extras.names if _is_operand(given.get(n), n in numbers)]
        rule = rule.extras.of(tuple(extras))
    operands = [_operand(record, given[name]) for name in rule.operands]
    params: dict[str, Any] = {}
    for parameter in rule.parameters:
        held = given.get(parameter.name, parameter.default)
        if held is REQUIRED:
            raise _no_option(rule.name, parameter.name)
        params[parameter.name] = _static(rule, parameter, held)
    return traced(record, record.op(rule, operands, MappingProxyType(params), value))


def _is_operand(given: Any, may_be_number: bool) -> bool:  # noqa: FBT001 - read in one place
    if given is None:
        return False
    return not may_be_number or isinstance(given, Traced) or np.ndim(given) > 0


def _operand(record: Record, given: Any) -> Entry | float:
    if isinstance(given, list | tuple) and holds_traced(given):
        given = as_one(record, given)
    if not isinstance(given, Traced):
        return record.operand(given)
    entry = given.entry
    record.check_current(given.value, entry.number)
    if entry in record.numbered:
        record.numbered.remove(entry)
        if name := outer_name_of(given):
            entry.wanted = f"{entry.wanted.rpartition('_')[0]}_{name}"
    return entry


def _static(rule: Rule, parameter: Any, given: Any) -> Any:
    """An argument that is no array of the program, as the op takes it."""
    if given is parameter.default:
        return given
    if holds_traced(given):
        message = said("'{name}' of '{op}' is traced, and must be a plain number",
                       name=parameter.name, op=rule.name)  # fmt: skip
        raise refused(message)
    try:
        return checked(parameter, _python(given))
    except ArgumentError as error:
        raise refused(f"{rule.name}: {error}") from None


def _python(value: Any) -> Any:
    """Python's own numbers, lists and tuples in place of NumPy's."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, range):
        return tuple(value)
    if isinstance(value, list | tuple):
        return type(value)(map(_python, value))
    return value


def _join(
    record: Record, rule: Rule, value: Any, arrays: Any, axis: Any = 0, **options: Any
) -> Any:
    """An op of a list of arrays; of a long list some are joined first, and then the results."""
    for option, given in options.items():
        if option not in ("casting", "dtype") and given is not None:
            raise _no_option(rule.name, option)
    parts = list(arrays)
    if axis is None:
        parts, axis = [np.ravel(part) for part in parts], 0
    family = rule.family
    if family is None:
        raise AssertionError("only a family is joined")
    if len(parts) > MOST_MEMBERS:
        groups = [parts[k : k + MOST_MEMBERS] for k in range(0, len(parts), MOST_MEMBERS)]
        along = 0 if rule.name == "vstack" else 1 if rule.name == "hstack" else axis
        along = 0 if all(np.ndim(plain(part)) < 2 for part in parts) else along
        return np.concatenate([_joined(record, rule, g, axis) for g in groups], axis=along)
    made = family.of(len(parts))
    given = dict(zip(made.operands, parts, strict=True)) | {"axis": axis}
    return _apply(record, made, given, value)


def _joined(record: Record, rule: Rule, parts: Sequence[Any], axis: int) -> Any:
    func: Callable[..., Any] = getattr(np, rule.name)
    options = {"axis": axis} if rule.family and rule.family.of(1).parameters else {}
    if any(map(holds_traced, parts)):
        return call_function(record, func, (parts,), options)
    return func(parts, **options)


def _method(
    record: Record, ufunc: Any, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]
) -> Any:
    """``np.add.reduce`` and its kin."""
    name = f"{ufunc.__name__}.{method}"
    if method == "outer":
        a, b = inputs
        axes = (...,) + (None,) * np.ndim(plain(b))
        return ufunc(a[axes] if np.ndim(plain(a)) else a, b)
    op = {"reduce": _REDUCE, "accumulate": _ACCUMULATE}.get(method, {}).get(ufunc.__name__)
    if op is None:
        raise _unknown(name)
    given = dict(kwargs) if len(inputs) < 2 else {"axis": inputs[1], **kwargs}
    value = getattr(ufunc, method)(plain(inputs[0]), **_plain_values(given))
    arguments = {"axis": 0, **given}
    return _apply(record, RULES[op], _bound(RULES[op], CALLS.get(op), name, inputs[:1], arguments),
                  value)  # fmt: skip


def _index(record: Record, x: Traced, key: Any) -> Any:
    """``x[key]``; a traced condition picks entries, and may be told by other numbers later."""
    operand = _operand(record, x)
    if isinstance(key, Traced) and key.dtype == bool and key.ndim and _is_condition(key.entry):
        value, mask = plain(x)[plain(key)], key.entry
        params = {"key": (plain(key).tolist(),)}
        entry = record.op(RULES["index"], (operand, mask), params, value, is_mask=True)
        return traced(record, entry)
    parts = key if isinstance(key, tuple) else (key,)
    static = tuple(_part(record, part) for part in parts)
    if isinstance(plain(x), np.generic):
        value = np.asarray(plain(x))[static]
    else:
        value = plain(x)[tuple(np.array(p, np.intp) if p == [] else p for p in static)]
    return traced(record, record.op(RULES["index"], (operand,), {"key": static}, value))


def _is_condition(entry: Entry) -> bool:
    """Whether the program language sees a condition in it: comparisons, joined."""
    if entry.rule is None:
        return False
    if entry.rule.name in ("multiply", "maximum", "minimum"):
        return all(not isinstance(o, float | int) and _is_condition(o) for o in entry.operands)
    return entry.rule.name in _COMPARISONS


_COMPARISONS: Final = frozenset(
    {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"}
)


def _part(record: Record, part: Any) -> Any:
    """A part of an index as the program language writes it."""
    if isinstance(part, slice):
        return slice(*(_part(record, bound) for bound in (part.start, part.stop, part.step)))
    if holds_traced(part):
        record.decided()
        part = np.asarray(plain(part))
    if part is None or part is Ellipsis:
        return part
    array = np.asarray(part, dtype=np.intp if isinstance(part, list) and not part else None)
    if array.dtype.kind not in "iub":
        raise refused(said("an index is made of whole numbers, or of True and False"))
    return array.tolist()


def _where(record: Record, condition: Any, *choices: Any) -> Any:
    """``np.where``; with a condition alone it answers which entries hold."""
    if not choices:
        return call_function(record, np.nonzero, (condition,), {})
    given = [_lifted(record, part) for part in (condition, *choices)]
    value = np.where(*(plain(part) for part in given))
    return _apply(record, RULES["where"], dict(zip(RULES["where"].operands, given, strict=True)),
                  value)  # fmt: skip


def _einsum(record: Record, *operands: Any, out: Any = None, **options: Any) -> Any:
    """``np.einsum``, its labels in letters or in lists."""
    if out is not None:
        raise _no_option("einsum", "out")
    arrays = [_lifted(record, given) for given in operands]
    if not isinstance(arrays[0], str):
        arrays = list(_in_letters(arrays))
    subscripts = arrays[0].replace(" ", "")
    value = np.einsum(*plain(arrays), **options)
    family = RULES["einsum"].family
    if family is None:
        raise AssertionError("einsum takes any number of arrays")
    rule = family.of(len(arrays) - 1)
    given = dict(zip(rule.operands, arrays[1:], strict=True)) | {"subscripts": subscripts}
    return _apply(record, rule, given, value)


def _in_letters(given: Sequence[Any]) -> Iterator[Any]:
    """``einsum(a, [0, 1], b, [1, 2], [0, 2])`` as ``einsum("ab,bc->ac", a, b)``."""

    def word(labels: Any) -> str:
        return "".join("..." if n is Ellipsis else string.ascii_letters[n] for n in labels)

    count = len(given) // 2
    words = ",".join(word(given[2 * k + 1]) for k in range(count))
    yield f"{words}->{word(given[-1])}" if len(given) % 2 else words
    yield from (given[2 * k] for k in range(count))


def _copyto(_record: Record, dst: Any, src: Any, *_casting: Any, where: Any = True, **_: Any) -> Any:
    """What ``np.full`` calls: an array of objects can take traced numbers, no other can."""
    if isinstance(dst, np.ndarray) and dst.dtype == object and where is True:
        dst[...] = src.objects() if isinstance(src, Traced) else src
        return
    raise refused(
        said("traced numbers are copied into a plain array, which would cut the path"),
        said("write x * np.ones(shape) in place of np.full_like(array, x)"),
    )


def _full_like(record: Record, x: Any, fill_value: Any, *dtype: Any, shape: Any = None,
               **options: Any) -> Any:  # fmt: skip
    if not isinstance(fill_value, Traced):
        return np.full_like(plain(x), fill_value, *dtype, shape=shape, **options)
    wanted = np.shape(plain(x)) if shape is None else shape
    return call_function(record, np.broadcast_to, (fill_value, wanted), {})


def _astype(record: Record, x: Any, dtype: Any, *_copy: Any, **_casting: Any) -> Any:
    """Real numbers stay traced; whole ones are the same in every run."""
    wanted = np.dtype(dtype)
    if wanted.kind == "c":
        record.check_real(np.zeros((), wanted))
    if wanted == x.dtype:
        return x
    if wanted.kind == "f":
        value = np.asarray(x.value).astype(wanted)[()]
        return _apply(record, RULES["multiply"], {"x": x, "y": 1}, value)
    if wanted.kind == "b":
        return x != 0
    record.decided()
    return np.asarray(plain(x)).astype(wanted)


_OWN_WAY: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "index": _index,
        "where": _where,
        "einsum": _einsum,
        "copyto": _copyto,
        "full_like": _full_like,
        "astype": _astype,
    }
)
"""Functions whose arguments are read in a way of their own."""
