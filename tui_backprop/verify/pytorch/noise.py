"""Noise that shows how far rounding alone can carry a number.

It stands apart from the run, which is the same with it and without. Every value is moved each time
that it is read, and so is every contribution on its way back: for terms that cancel, whether in the
forward or between edges, do so only as long as nothing between them is rounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from tui_backprop.rules.types import Array

_EXACT: Final = 1e6
"""Whole numbers below it stay: they are exact, and name classes, bounds and ties."""


class Noise:
    """Draws that move tensors; the same for the same seed."""

    def __init__(self, size: float, seed: int) -> None:
        """How far to move, relative to a value, and what to draw from."""
        self._size = size
        self._random = np.random.default_rng(seed)

    def moved(self, t: Any, tensor: Any) -> Any:
        """A tensor with its entries moved; what comes back passes as if they were not."""
        value = tensor.detach().numpy()
        is_exact = (value == np.round(value)) & (np.abs(value) < _EXACT)
        return tensor + self.drawn(t, np.where(is_exact, 0, value))

    def drawn(self, t: Any, sizes: Array) -> Any:
        """A tensor of draws, each at most the noise times its size."""
        drawn = self._random.uniform(-self._size, self._size, sizes.shape) * sizes
        return t.from_numpy(np.asarray(drawn, dtype=sizes.dtype))


class Reading:
    """The operands of one application, moved, and what goes back through them.

    ``has_sums`` says that its backward may add up terms that cancel; elementwise ops have none.

    Attributes:
        operands: the tensors to use.
    """

    def __init__(self, noise: Noise, t: Any, tensors: list[Any], has_sums: bool) -> None:
        self._noise = noise
        self._t = t
        self._has_sums = has_sums
        self._largest = 0.0
        self.operands = [noise.moved(t, tensor) for tensor in tensors]
        for operand in self.operands:
            if operand.requires_grad:
                operand.register_hook(self._moved_back)

    def watch(self, value: Any) -> None:
        """See the cotangent that arrives; it comes before anything goes back."""
        if value.requires_grad:
            value.register_hook(self._seen)

    def _seen(self, v: Any) -> None:
        finite = np.abs(v.numpy()[np.isfinite(v.numpy())])
        self._largest = float(finite.max(initial=0.0))

    def _moved_back(self, contribution: Any) -> Any:
        sizes = np.abs(contribution.numpy())
        if self._has_sums:
            sizes = np.maximum(sizes, self._largest)
        return contribution + self._noise.drawn(self._t, np.asarray(sizes))
