"""PyTorch's own sample inputs of a function, each as a line of a program and as its own call.

They are in a test module of PyTorch's, which wants a package that its tests are written with; where
that is not installed there are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.rules.types import Array

_NAMES: Final = "abcdefghijklm"
_NUMBERS: Final = {inf: "inf", -inf: "-inf"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One call.

    Attributes:
        text: a line of a program, whose arrays are called a, b, c and so on.
        leaves: their numbers.
        tensors: the same in PyTorch, those of floats with a gradient.
        value: what PyTorch makes of them.
    """

    text: str
    leaves: dict[str, Array]
    tensors: dict[str, Any]
    value: Any


def samples(torch: Any, op: Any, name: str, most: int) -> Iterator[Sample]:
    """The samples in float64 of PyTorch's description of a function, as calls of a name."""
    for number, sample in enumerate(op.sample_inputs("cpu", torch.float64)):
        if number == most:
            return
        call = _Call(torch)
        try:
            parts = [call.written(given) for given in (sample.input, *sample.args)]
            parts += [f"{key}={call.written(given)}" for key, given in sample.kwargs.items()]
            given = call.given(sample.input), call.given(sample.args), call.given(sample.kwargs)
            value = op.op(given[0], *given[1], **given[2])
        except (TypeError, ValueError, RuntimeError):
            continue  # sparse, of another type, or one that PyTorch refuses with a gradient
        if isinstance(value, torch.Tensor):
            text = f"y = {name}({', '.join(parts)})"
            yield Sample(text, call.leaves, call.tensors, value)


class _Call:
    """The arrays of one call, named in the order in which they are written."""

    def __init__(self, torch: Any) -> None:
        self.leaves: dict[str, Array] = {}
        self.tensors: dict[str, Any] = {}
        self._torch = torch
        self._given: dict[int, Any] = {}

    def written(self, given: Any) -> str:
        """An argument as a program has it."""
        torch = self._torch
        if isinstance(given, torch.Tensor):
            name = _NAMES[len(self.leaves)]
            self.leaves[name] = given.detach().numpy().astype(float)
            tensor = given.detach().clone().requires_grad_(given.dtype == torch.float64)
            self.tensors[name] = self._given[id(given)] = tensor
            return name
        if isinstance(given, list):
            return f"[{', '.join(map(self.written, given))}]"
        if isinstance(given, tuple):
            return f"({''.join(f'{self.written(part)}, ' for part in given)})".replace(", )", ",)")
        if isinstance(given, float) and isnan(given):
            return "nan"
        if not isinstance(given, int | float | str | bool | None):
            raise TypeError(type(given))
        return _NUMBERS.get(given, repr(given)) if isinstance(given, float) else repr(given)

    def given(self, given: Any) -> Any:
        """The same argument for PyTorch."""
        if isinstance(given, list | tuple):
            return type(given)(map(self.given, given))
        if isinstance(given, dict):
            return {key: self.given(value) for key, value in given.items()}
        return self._given.get(id(given), given)
