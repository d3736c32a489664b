"""What the functions that are no ops give, and an example of each; `makers` has their names."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.language.message import clauses, said
from tui_backprop.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Explained(NamedTuple):
    """A function that is no op.

    Attributes:
        signature: how it is called.
        summary: what it gives, one line.
        example: a program whose last line binds ``y``.
        inputs: of the example, by name.
    """

    signature: str
    summary: str
    example: str
    inputs: Mapping[str, Any]


def results_told(parts: Mapping[str, str]) -> str:
    """By which op each result of a function is given.

    Args:
        parts: name of the result → the op.
    """
    gives = clauses(said("{name} by {call}", name=part, call=op) for part, op in parts.items())
    return said("several results, each by an op of its own: {results}", results=gives)


_ONE: Final = MappingProxyType({"x": 1})
_TWO: Final = MappingProxyType({"x": [3, 4]})
_MATRIX: Final = MappingProxyType({"a": [[2, 1], [1, 3]]})

EXPLAINED: Final[Mapping[str, Explained]] = MappingProxyType(
    {
        "zeros": Explained(
            "zeros(shape)", said("zeros, of that shape"), "y = x + zeros((2, 3))", _ONE
        ),
        "ones": Explained("ones(shape)", said("ones, of that shape"), "y = x * ones((2, 3))", _ONE),
        "full": Explained(
            "full(shape, fill_value)",
            said("the same number everywhere, of that shape"),
            "y = x * full((2, 3), 7)",
            _ONE,
        ),
        "zeros_like": Explained(
            "zeros_like(a)", said("zeros, of the shape of a"), "y = x + zeros_like(x)", _TWO
        ),
        "ones_like": Explained(
            "ones_like(a)", said("ones, of the shape of a"), "y = x + ones_like(x)", _TWO
        ),
        "full_like": Explained(
            "full_like(a, fill_value)",
            said("the same number everywhere, of the shape of a"),
            "y = x + full_like(x, 7)",
            _TWO,
        ),
        "eye": Explained(
            "eye(N, M=N, k=0)",
            said("ones on a diagonal of N rows and M columns, zeros beside it"),
            "y = x * eye(3)",
            _ONE,
        ),
        "identity": Explained(
            "identity(N)", said("the identity matrix of N rows"), "y = x * identity(3)", _ONE
        ),
        "arange": Explained(
            "arange(start, stop, step=1)",
            said("numbers from start in steps, as far as stop, which is none of them; from 0 up to "
                 "the number where there is one only"),
            "y = x * arange(5)",
            _ONE,
        ),
        "linspace": Explained(
            "linspace(start, stop, num=50, endpoint=True)",
            said("num numbers from start to stop, all as far apart"),
            "y = x * linspace(0, 1, 5)",
            _ONE,
        ),
        "split": Explained(
            "split(ary, indices_or_sections, axis=0)",
            said("equally long parts along an axis, or the parts between the given places"),
            "a, b = split(x, 2)\ny = a * b",
            MappingProxyType({"x": [1, 2, 3, 4]}),
        ),
        "array_split": Explained(
            "array_split(ary, indices_or_sections, axis=0)",
            said("parts along an axis, the first ones longer by one entry where they cannot be "
                 "equally long"),
            "a, b = array_split(x, 2)\ny = a[:2] * b",
            MappingProxyType({"x": [1, 2, 3, 4, 5]}),
        ),
        "tensor_split": Explained(
            "tensor_split(ary, indices_or_sections, axis=0)",
            said("parts along an axis, the first ones longer by one entry where they cannot be "
                 "equally long: PyTorch's name of array_split"),
            "a, b = tensor_split(x, 2)\ny = a[:2] * b",
            MappingProxyType({"x": [1, 2, 3, 4, 5]}),
        ),
        "hsplit": Explained(
            "hsplit(ary, indices_or_sections)",
            said("split along the columns, or along the only axis of a vector"),
            "a, b = hsplit(x, 2)\ny = a * b",
            MappingProxyType({"x": [[1, 2], [3, 4]]}),
        ),
        "vsplit": Explained(
            "vsplit(ary, indices_or_sections)",
            said("split along the rows"),
            "a, b = vsplit(x, 2)\ny = a * b",
            MappingProxyType({"x": [[1, 2], [3, 4]]}),
        ),
        "dsplit": Explained(
            "dsplit(ary, indices_or_sections)",
            said("split along the third axis"),
            "a, b = dsplit(x, 2)\ny = a * b",
            MappingProxyType({"x": [[[1, 2], [3, 4]]]}),
        ),
        "split_with_sizes": Explained(
            "split_with_sizes(x, split_sizes, axis=0)",
            said("parts of the given lengths along an axis"),
            "a, b = split_with_sizes(x, (1, 2))\ny = a * b",
            MappingProxyType({"x": [1, 2, 3]}),
        ),
        "chunk": Explained(
            "chunk(x, chunks, axis=0)",
            said("parts along an axis, all as long but the last, and at most so many"),
            "a, b = chunk(x, 2)\ny = a[:2] * b",
            MappingProxyType({"x": [1, 2, 3, 4, 5]}),
        ),
        "unbind": Explained(
            "unbind(x, axis=0)",
            said("the parts at each place of an axis, which they lose"),
            "a, b = unbind(x)\ny = a * b",
            MappingProxyType({"x": [[1, 2], [3, 4]]}),
        ),
        "meshgrid": Explained(
            "meshgrid(x, y, indexing='xy')",
            said("of vectors the coordinates of the grid that they span: an array for each"),
            "X, Y = meshgrid(x, t)\ny = X * Y",
            MappingProxyType({"x": [1, 2, 3], "t": [10, 20]}),
        ),
        "eigh": Explained(
            "eigh(a)",
            said("the eigenvalues and the eigenvectors of a symmetric matrix"),
            "w, V = eigh(a)\ny = w[0]",
            _MATRIX,
        ),
        "svd": Explained(
            "svd(a, full_matrices=False)",
            said("the singular values of a matrix, between the left and the right singular "
                 "vectors: a = U · diag(S) · Vh"),
            "U, S, Vh = svd(a, full_matrices=False)\ny = S[0]",
            _MATRIX,
        ),
        "qr": Explained(
            "qr(a)",
            said("the orthogonal factor Q and the triangle R of a matrix: a = Q · R"),
            "Q, R = qr(a)\ny = R[0, 0]",
            _MATRIX,
        ),
        "slogdet": Explained(
            "slogdet(a)",
            said("the sign of the determinant, and the logarithm of its size"),
            "sign, logdet = slogdet(a)\ny = logdet",
            _MATRIX,
        ),
        "var_mean": Explained(
            "var_mean(a)",
            said("the variance and the mean"),
            "v, m = var_mean(x)\ny = v * m",
            _TWO,
        ),
        "std_mean": Explained(
            "std_mean(a)",
            said("the standard deviation and the mean"),
            "s, m = std_mean(x)\ny = s * m",
            _TWO,
        ),
        "aminmax": Explained(
            "aminmax(a)",
            said("the smallest and the largest entry"),
            "low, high = aminmax(x)\ny = high - low",
            _TWO,
        ),
    }
)  # fmt: skip
"""Name → what is told of it."""
