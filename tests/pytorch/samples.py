"""PyTorch's own sample inputs, put through our programs.

``python -m tests.pytorch.mapped [OP …]`` prints, for each op, how many samples are accepted and
agree, and why the others are refused. A row of `mapped.MAPPED` says which entry of PyTorch's
``op_db`` an op of ours is, and how its arguments are called here.
"""

from __future__ import annotations

import math
import re
import warnings
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.errors import TuiBackpropError
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.graph.model import Backward
from tui_backprop.program import build

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DIGITS: Final = 1e-9
_LARGEST: Final = 20_000
"""Entries of a sample; larger ones say nothing new."""

_CALLED: Final = {
    "dim": "axis", "keepdim": "keepdims", "dims": "axis", "correction": "ddof", "input": "x",
}  # fmt: skip
"""Arguments that PyTorch calls otherwise."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """How samples of one of PyTorch's functions are written in a program.

    Attributes:
        ours: the op; with a bracket in it, an expression in which {} stands for the arguments.
        info: the entry's name in ``op_db``, and after a slash its variant.
        positions: what we call the arguments behind the first that stand by position there.
        result: which of several results is meant, or a function of all of them.
        change: ``(positional, named)``, both texts, → the arguments as we write them; raises
            `RefusedError` where we have none.
        static: those of our arguments that are numbers of the program, where PyTorch takes tensors.
        is_symmetric: whether gradients are compared by their symmetric parts.
        differs: how many samples come out otherwise at the most, and why.
    """

    ours: str
    info: str
    positions: str = ""
    result: int | Callable[[Any], Any] = 0
    change: Callable[[list[str], dict[str, str]], tuple[list[str], dict[str, str]]] | None = None
    static: frozenset[str] = frozenset()
    is_symmetric: bool = False
    differs: tuple[int, str] = (0, "")


class RefusedError(Exception):
    """A sample that no program says."""


@dataclass(slots=True)
class Tally:
    """What became of the samples of one op.

    Attributes:
        agreed: how many came out the same.
        refused: reasons, and how often each.
        differing: what came out otherwise, in words.
    """

    agreed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many there were."""
        return self.agreed + len(self.differing) + self.refused.total()


class _Writing:
    """Leaves and texts of one sample."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self.tensors: dict[str, Any] = {}

    def text(self, value: Any) -> str:
        """An argument as a program says it; tensors become leaves."""
        if isinstance(value, self._torch.Tensor):
            if value.is_complex():
                raise RefusedError("complex numbers")
            name = f"x{len(self.tensors)}"
            self.tensors[name] = value
            return name
        if isinstance(value, self._torch.dtype):
            return "float64" if value == self._torch.float64 else "another number format"
        if isinstance(value, list | tuple):
            return "[" + ", ".join(map(self.text, value)) + "]"
        if isinstance(value, float) and not math.isfinite(value):
            return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
        if isinstance(value, complex):
            raise RefusedError("complex numbers")
        return repr(value)


def written(torch: Any, mapped: Mapped, sample: Any) -> tuple[str, dict[str, Any]]:
    """A sample as a program, and its tensors by name."""
    writing = _Writing(torch)
    positional = [writing.text(sample.input)]
    named: dict[str, str] = {}
    names = mapped.positions.split()
    for k, value in enumerate(sample.args):
        if k < len(names) and names[k] != "*":
            is_static = names[k] in mapped.static and isinstance(value, torch.Tensor)
            named[names[k]] = writing.text(value.tolist() if is_static else value)
        else:
            positional.append(writing.text(value))
    for name, value in sample.kwargs.items():
        named[_CALLED.get(name, name)] = writing.text(value)
    if named.pop("dtype", "float64") not in {"float64", "None"}:
        raise RefusedError("another number format")
    if mapped.change is not None:
        positional, named = mapped.change(positional, named)
    arguments = ", ".join([*positional, *(f"{name}={text}" for name, text in named.items())])
    call = mapped.ours.replace("{}", arguments) if "(" in mapped.ours else ""
    return f"z = {call or f'{mapped.ours}({arguments})'}", writing.tensors


def judged(torch: Any, mapped: Mapped, info: Any, sample: Any) -> str:
    """What differs in one sample; empty if nothing does. Raises `RefusedError`."""
    text, tensors = written(torch, mapped, sample)
    inputs = {n: _array(x) for n, x in tensors.items() if x.requires_grad}
    constants = {n: _array(x) for n, x in tensors.items() if not x.requires_grad}
    if sum(x.size for x in (*inputs.values(), *constants.values())) > _LARGEST:
        raise RefusedError("too large to be of use")
    expected = _expected(mapped, info, sample)
    try:
        graph = build(text, inputs, constants, np.dtype(np.float64))
        seed = np.random.default_rng(3).normal(size=expected.shape)
        passes = []
        if expected.requires_grad and graph.find("z").shape == seed.shape and inputs:
            passes = [Backward(graph.find("z").id, seed)]
        found = Evaluation(graph, inputs | constants, passes)
    except TuiBackpropError as error:
        raise RefusedError(_reason(error)) from None
    value = np.asarray(found.values["z"])
    if not _agree(value, _array(expected)):
        return f"{text}: value {value!r}, PyTorch {expected!r}"
    if not passes:
        return ""
    leaves = [x for x in tensors.values() if x.requires_grad]
    try:
        theirs = torch.autograd.grad(expected, leaves, torch.from_numpy(seed), allow_unused=True)
    except RuntimeError:  # PyTorch has no gradient here, so there is nothing to compare
        return ""
    for name, grad in zip(inputs, theirs, strict=True):
        wanted = np.zeros(inputs[name].shape) if grad is None else _array(grad)
        ours = np.asarray(found.grad[name])
        if mapped.is_symmetric:
            ours, wanted = (g + np.swapaxes(g, -1, -2) for g in (ours, wanted))
        if not _agree(ours, wanted):
            return f"{text}: gradient of {name} {ours!r}, PyTorch {wanted!r}"
    return ""


def _expected(mapped: Mapped, info: Any, sample: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = info.op(sample.input, *sample.args, **sample.kwargs)
    if callable(mapped.result):
        return mapped.result(found)
    return found[mapped.result] if isinstance(found, list | tuple) else found


def _reason(error: Exception) -> str:
    """The sentence, without its numbers."""
    first = getattr(error, "problems", (error,))[0]
    message = str(getattr(first, "message", first))
    return re.sub(r"[\d, ]*\d", "#", message)[:150]


def _array(tensor: Any) -> Any:
    return tensor.detach().to("cpu").numpy().astype(np.float64)


def _agree(ours: Any, theirs: Any) -> bool:
    size = float(np.abs(theirs[np.isfinite(theirs)]).max(initial=0.0))
    return ours.shape == theirs.shape and np.allclose(
        ours, theirs, rtol=_DIGITS, atol=_DIGITS * max(size, 1e-3), equal_nan=True
    )


def tally(torch: Any, mapped: Mapped) -> Tally:
    """All float64 samples of a row."""
    info = entries()[mapped.info]
    found = Tally()
    torch.manual_seed(0)
    for sample in info.sample_inputs("cpu", torch.float64, requires_grad=info.supports_autograd):
        try:
            differing = judged(torch, mapped, info, sample)
        except RefusedError as why:
            found.refused[str(why)] += 1
            continue
        if differing:
            found.differing.append(differing)
        else:
            found.agreed += 1
    return found


@cache
def entries() -> Mapping[str, Any]:
    """PyTorch's descriptions of its functions, by name and variant."""
    from torch.testing._internal.common_methods_invocations import op_db

    return {f"{o.name}/{o.variant_test_name}".rstrip("/"): o for o in op_db}
