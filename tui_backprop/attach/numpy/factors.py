"""Functions of NumPy with several results, each of which is an op: `eigh`, `svd`, `qr`, `slogdet`.

They give what NumPy gives, names included. Where NumPy reads one triangle of a matrix the op takes
its symmetric part: of a matrix that need not be symmetric the triangle is copied to the other side
first. Signs of vectors, which are free, are NumPy's: where the op has others a factor of ±1 stands
behind it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.attach.numpy.arrays import Traced, plain
from tui_backprop.attach.numpy.binding import apply
from tui_backprop.attach.numpy.frames import refused
from tui_backprop.attach.numpy.record import Entry
from tui_backprop.language.message import said
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_backprop.attach.numpy.record import Record


def _eigh(record: Record, a: Any, UPLO: Any = "L") -> Any:
    found = np.linalg.eigh(plain(a), UPLO)
    s = _symmetric(a, UPLO)
    vectors = _applied(record, "eigvecsh", s, found[1], -2)
    return _like(found, (_applied(record, "eigvalsh", s, found[0]), vectors))


def _eigvalsh(record: Record, a: Any, UPLO: Any = "L") -> Any:
    return _applied(record, "eigvalsh", _symmetric(a, UPLO), np.linalg.eigvalsh(plain(a), UPLO))


def _svd(
    record: Record, a: Any, full_matrices: bool = True, compute_uv: bool = True,
    hermitian: bool = False,
) -> Any:  # fmt: skip
    if hermitian:
        raise refused(
            said("np.linalg.{name} is traced without '{option}'", name="svd", option="hermitian"),
            said("leave it out"),
        )
    if not compute_uv:
        return _applied(record, "svdvals", a, np.linalg.svd(plain(a), compute_uv=False))
    rows, columns = np.shape(plain(a))[-2:]
    if full_matrices and rows != columns:
        raise _more_vectors("svd", "np.linalg.svd(a, full_matrices=False)")
    found = np.linalg.svd(plain(a), full_matrices=False)
    parts = (
        _applied(record, "svd_u", a, found[0], -2),
        _applied(record, "svdvals", a, found[1]),
        _applied(record, "svd_vh", a, found[2], -1),
    )
    return _like(found, parts)


def _qr(record: Record, a: Any, mode: str = "reduced") -> Any:
    if mode == "r":
        return _applied(record, "qr_r", a, np.linalg.qr(plain(a), "r"))
    rows, columns = np.shape(plain(a))[-2:]
    if mode == "complete" and rows > columns:
        raise _more_vectors("qr", "np.linalg.qr(a)")
    if mode not in {"reduced", "complete"}:
        raise refused(
            said("np.linalg.{name} is traced without '{option}'", name="qr", option=f"mode={mode}"),
            said("leave it out"),
        )
    found = np.linalg.qr(plain(a))
    return _like(found, (_applied(record, "qr_q", a, found[0]),
                         _applied(record, "qr_r", a, found[1])))  # fmt: skip


def _slogdet(record: Record, a: Any) -> Any:
    found = np.linalg.slogdet(plain(a))
    return _like(found, (_applied(record, "signdet", a, found[0]),
                         _applied(record, "logabsdet", a, found[1])))  # fmt: skip


def _more_vectors(name: str, code: str) -> Exception:
    return refused(
        said("np.linalg.{name} gives more vectors here than there are values", name=name),
        said("write {code}", code=code),
    )


def _like(found: Any, parts: Sequence[Any]) -> Any:
    """The results in the kind of tuple that NumPy gives, with its names."""
    return type(found)(*parts) if hasattr(found, "_fields") else tuple(parts)


def _applied(record: Record, op: str, a: Any, value: Any, axis: int | None = None) -> Any:
    """One result as an op.

    Args:
        record: receives it.
        op: which.
        a: the matrix, or a stack of them.
        value: NumPy's own numbers.
        axis: along which the vectors lie whose signs are free; None where none is.
    """
    rule = RULES[op]
    if axis is None:
        return apply(record, rule, {"a": a}, value)
    with np.errstate(all="ignore"):
        ours = np.asarray(rule.forward(np, np.asarray(plain(a))))
        signs = np.where(np.sum(ours * value, axis=axis, keepdims=True) < 0, -1.0, 1.0)
    if np.all(signs > 0):
        return apply(record, rule, {"a": a}, value)
    with record.steps():
        made = apply(record, rule, {"a": a}, ours)
    return apply(record, RULES["multiply"], {"x": made, "y": signs}, value)


def _symmetric(a: Any, triangle: str) -> Any:
    """The symmetric matrix that NumPy reads of one of which it reads a triangle."""
    if isinstance(a, Traced) and _is_symmetric(a.entry):
        return a
    one, rest = (np.triu(a), np.triu(a, 1)) if triangle.upper() == "U" else (
        np.tril(a), np.tril(a, -1)
    )  # fmt: skip
    return one + np.swapaxes(rest, -1, -2)


def _is_symmetric(entry: Entry | float) -> bool:
    """Whether a matrix is symmetric whatever the inputs are, as far as its ops tell."""
    if not isinstance(entry, Entry) or entry.shape == ():
        return True
    if entry.kind == "constant":
        value = np.asarray(entry.value)
        return value.ndim >= 2 and np.array_equal(value, np.swapaxes(value, -1, -2))
    if entry.rule is None:
        return False
    name, operands = entry.rule.name, entry.operands
    if len(operands) == 2 and name in {"add", "multiply", "matmul"} and _are_turned(*operands):
        return True
    if name == "diag":
        return bool(entry.params.get("k", 0) == 0)
    is_entrywise = entry.rule.elementwise or (name == "transpose" and len(entry.shape) == 2)
    return is_entrywise and all(map(_is_symmetric, operands))


def _are_turned(x: Entry | float, y: Entry | float) -> bool:
    """Whether one of two matrices is the other with its last two axes exchanged."""
    if not isinstance(x, Entry) or not isinstance(y, Entry):
        return False
    return _is_transposed(x, y) or _is_transposed(y, x)


def _is_transposed(y: Entry, x: Entry) -> bool:
    """Whether y is x with its last two axes exchanged."""
    if y.rule is None or y.operands[:1] != (x,):
        return False
    axes = {axis % max(len(x.shape), 1) for axis in (y.params.get("axis1"), y.params.get("axis2"))
            if isinstance(axis, int)}  # fmt: skip
    return (y.rule.name == "transpose" and len(x.shape) == 2) or (
        y.rule.name == "swapaxes" and axes == {len(x.shape) - 2, len(x.shape) - 1}
    )


FACTORS: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {
        "linalg.eigh": _eigh,
        "linalg.eigvalsh": _eigvalsh,
        "linalg.qr": _qr,
        "linalg.slogdet": _slogdet,
        "linalg.svd": _svd,
    }
)
"""By the name of NumPy's function."""
