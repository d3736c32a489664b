"""The functions of a program that are no ops: what gives numbers, or several arrays.

Here are their names and their arguments; `making` computes what they give.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Maker:
    """A function that gives numbers, or several arrays.

    Attributes:
        wanted: names of its arguments in order → whether it has to be given.
        arrays: those that may be arrays.
    """

    wanted: Mapping[str, bool]
    arrays: frozenset[str] = frozenset()


_PARTS: Final = {"ary": True, "indices_or_sections": True, "axis": False}

_ALONG: Final = {"ary": True, "indices_or_sections": True}

MAKERS: Final[Mapping[str, Maker]] = MappingProxyType(
    {
        "zeros": Maker({"shape": True}),
        "ones": Maker({"shape": True}),
        "full": Maker({"shape": True, "fill_value": True}),
        "zeros_like": Maker({"a": True}, frozenset("a")),
        "ones_like": Maker({"a": True}, frozenset("a")),
        "full_like": Maker({"a": True, "fill_value": True}, frozenset("a")),
        "eye": Maker({"N": True, "M": False, "k": False}),
        "identity": Maker({"N": True}),
        "arange": Maker({"start": True, "stop": False, "step": False}),
        "linspace": Maker({"start": True, "stop": True, "num": False, "endpoint": False}),
        "split": Maker(_PARTS, frozenset({"ary"})),
        "array_split": Maker(_PARTS, frozenset({"ary"})),
        "tensor_split": Maker(_PARTS, frozenset({"ary"})),
        "hsplit": Maker(_ALONG, frozenset({"ary"})),
        "vsplit": Maker(_ALONG, frozenset({"ary"})),
        "dsplit": Maker(_ALONG, frozenset({"ary"})),
        "split_with_sizes": Maker({"x": True, "split_sizes": True, "axis": False}, frozenset("x")),
        "chunk": Maker({"x": True, "chunks": True, "axis": False}, frozenset("x")),
        "unbind": Maker({"x": True, "axis": False}, frozenset("x")),
    }
)
"""The functions by name, with NumPy's arguments; ``meshgrid``, which takes any number, beside."""

SEVERAL: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "eigh": {"eigenvalues": "eigvalsh", "eigenvectors": "eigvecsh"},
        "svd": {"U": "svd_u", "S": "svdvals", "Vh": "svd_vh"},
        "qr": {"Q": "qr_q", "R": "qr_r"},
        "slogdet": {"sign": "signdet", "logabsdet": "logabsdet"},
        "var_mean": {"var": "var", "mean": "mean"},
        "std_mean": {"std": "std", "mean": "mean"},
        "aminmax": {"min": "min", "max": "max"},
    }
)
"""Functions whose results are ops of their own: what each is called elsewhere, and the op."""

_METHODS: Final = (
    "aminmax chunk dsplit hsplit slogdet split split_with_sizes tensor_split unbind vsplit"
)
METHODS_OF_SEVERAL: Final = frozenset(_METHODS.split())
"""Those that PyTorch's tensors have as methods; NumPy's arrays have none of them."""

PAIRS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "topk": ("topk", "argtopk"),
        "kthvalue": ("kthvalue", "argkthvalue"),
        "cummax": ("cummax", "argcummax"),
        "cummin": ("cummin", "argcummin"),
        "sort": ("sort", "argsort"),
        "max": ("first_max", "argmax"),
        "min": ("first_min", "argmin"),
    }
)
"""Functions that have two results in PyTorch: what gives the values, and what where they stand."""

NAMES: Final = frozenset({*MAKERS, *SEVERAL, "meshgrid"})
"""The functions of a program that are no ops."""
