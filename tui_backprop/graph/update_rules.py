"""How an optimizer changes the entries of a trained input: one row a rule, as lines of arithmetic.

A line is a symbol, how it is written, and how it is computed, so that what is shown is what is
done. The formulas and defaults are PyTorch's: ``torch.optim.SGD`` and ``torch.optim.Adam``. Their
words, and the letters here:

========  =====================================================================================
``w``     an entry of the input; on the left of the last line, the new one
``g``     its gradient, with ``weight_decay·w`` added where there is some
``b``     SGD's momentum buffer: kept from one iteration to the next
``m``     Adam's ``exp_avg``, a running mean of g: kept
``s``     Adam's ``exp_avg_sq``, a running mean of g² (v in the paper, which here is the cotangent)
``Δ``     what is subtracted from w
========  =====================================================================================
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.arrays import read_only
from tui_backprop.lazy import cached_property

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_backprop.rules.types import Array

    Numbers: TypeAlias = Mapping[str, Any]
    """By symbol: arrays of the input's shape, and settings, which are plain numbers."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an update.

    Attributes:
        symbol: what it computes.
        written: the formula, with what it reads in braces; ``{w}`` and ``{grad}`` are the input's.
        compute: the same on arrays.
    """

    symbol: str
    written: str
    compute: Callable[[Numbers], Any]


@dataclass(frozen=True, slots=True)
class UpdateRule:
    """A row of the table.

    Attributes:
        name: as scenarios write it.
        defaults: of its settings, by name; what is not here the rule does not know.
        keeps: symbols that are kept from one iteration to the next.
        lines: for settings, and the number of the iteration from 1, what is computed in order; the
            last line is the new ``w``.
    """

    name: str
    defaults: Mapping[str, float]
    keeps: tuple[str, ...]
    lines: Callable[[Mapping[str, float], int], tuple[Line, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """A line with its numbers.

    Attributes:
        line: what was computed.
        read: what it read, by symbol.
        value: what came out, in the shape of the input, read-only.
    """

    line: Line
    read: Numbers
    value: Array


_DECAYED: Final = Line(
    "g", "{grad} + {weight_decay}·{w}", lambda n: n["grad"] + n["weight_decay"] * n["w"]
)
_SUBTRACTED: Final = Line("w", "{w} − {Δ}", lambda n: n["w"] - n["Δ"])


def _gradient(settings: Mapping[str, float]) -> tuple[tuple[Line, ...], str]:
    """The line of weight decay, where there is some, and the symbol of the gradient after it."""
    return ((_DECAYED,), "g") if settings["weight_decay"] else ((), "grad")


def _sgd(settings: Mapping[str, float], t: int) -> tuple[Line, ...]:
    """``torch.optim.SGD``: the first buffer is the gradient itself, whatever the dampening."""
    decay, g = _gradient(settings)
    if not settings["momentum"]:
        return (*decay, _step(f"{{lr}}·{{{g}}}", lambda n: n["lr"] * n[g]), _SUBTRACTED)
    lines = [*decay, _buffer(g, t, is_damped=bool(settings["dampening"]))]
    if settings["nesterov"]:
        lines.append(_step(
            f"{{lr}}·({{{g}}} + {{momentum}}·{{b}})",
            lambda n: n["lr"] * (n[g] + n["momentum"] * n["b"]),
        ))  # fmt: skip
    else:
        lines.append(_step("{lr}·{b}", lambda n: n["lr"] * n["b"]))
    return (*lines, _SUBTRACTED)


def _buffer(g: str, t: int, *, is_damped: bool) -> Line:
    if t == 1:
        return Line("b", f"{{{g}}}", lambda n: n[g])
    share = "(1 − {dampening})·" if is_damped else ""
    return Line(
        "b",
        f"{{momentum}}·{{b}} + {share}{{{g}}}",
        lambda n: n["momentum"] * n["b"] + (1 - n["dampening"]) * n[g],
    )


def _adam(settings: Mapping[str, float], t: int) -> tuple[Line, ...]:
    """``torch.optim.Adam``: both means start at 0, and are divided by what that took from them."""
    del t  # it is among the numbers
    decay, g = _gradient(settings)
    return (
        *decay,
        Line("m", f"{{beta1}}·{{m}} + (1 − {{beta1}})·{{{g}}}",
             lambda n: n["beta1"] * n["m"] + (1 - n["beta1"]) * n[g]),
        Line("s", f"{{beta2}}·{{s}} + (1 − {{beta2}})·{{{g}}}²",
             lambda n: n["beta2"] * n["s"] + (1 - n["beta2"]) * n[g] ** 2),
        Line("m′", "{m} / (1 − {beta1}^{t})", lambda n: n["m"] / (1 - n["beta1"] ** n["t"])),
        Line("s′", "{s} / (1 − {beta2}^{t})", lambda n: n["s"] / (1 - n["beta2"] ** n["t"])),
        _step("{lr}·{m′} / (√{s′} + {eps})",
              lambda n: n["lr"] * n["m′"] / (np.sqrt(n["s′"]) + n["eps"])),
        _SUBTRACTED,
    )  # fmt: skip


def _step(written: str, compute: Callable[[Numbers], Any]) -> Line:
    return Line("Δ", written, compute)


_SGD: Final = {"lr": 1e-3, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": 0.0}

_ROWS: Final = (
    UpdateRule("sgd", _SGD, ("b",), _sgd),
    UpdateRule("momentum", {**_SGD, "momentum": 0.9}, ("b",), _sgd),
    UpdateRule(
        "adam",
        {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0},
        ("m", "s"),
        _adam,
    ),
)

UPDATE_RULES: Final[Mapping[str, UpdateRule]] = MappingProxyType(
    {rule.name: rule for rule in _ROWS}
)
"""By name."""


@dataclass(frozen=True, eq=False)
class Update:
    """How a scenario trains.

    Attributes:
        rule: the row of the table.
        settings: of the rule, all of them.
        steps: how many iterations there are.
        of: names of the inputs that are trained, in the order of the file.
        zero_grad: whether gradients are set to zero before each backward pass but the first.
    """

    rule: UpdateRule
    settings: Mapping[str, float]
    steps: int
    of: tuple[str, ...]
    zero_grad: bool = True

    @cached_property
    def _lines(self) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
        """Of the first iteration, and of each later one."""
        return self.rule.lines(self.settings, 1), self.rule.lines(self.settings, 2)

    @cached_property
    def keeps(self) -> tuple[str, ...]:
        """Symbols of what the rule keeps with these settings: without momentum there is none."""
        computed = {line.symbol for line in self._lines[0]}
        return tuple(symbol for symbol in self.rule.keeps if symbol in computed)

    def _start(self, w: Array, grad: Array, kept: Mapping[str, Array], t: int) -> dict[str, Any]:
        """The numbers before the first line; what is kept starts at 0."""
        numbers: dict[str, Any] = {**self.settings, **kept, "w": w, "grad": grad, "t": t}
        for symbol in self.keeps:
            if symbol not in numbers:
                numbers[symbol] = np.zeros_like(w)
        return numbers

    def computed(
        self, w: Array, grad: Array, kept: Mapping[str, Array], t: int
    ) -> tuple[Computed, ...]:
        """Every line of one input's update; the last has its new numbers.

        Args:
            w: what the input is.
            grad: its gradient, in the same shape.
            kept: by symbol, what the last iteration left; empty in the first.
            t: the number of the iteration, from 1.
        """
        numbers = self._start(w, grad, kept, t)
        found: list[Computed] = []
        with np.errstate(all="ignore"):  # NaN and infinities are data
            for line in self._lines[t > 1]:
                read = MappingProxyType(dict(numbers))
                value = read_only(line.compute(read), w.dtype)
                numbers[line.symbol] = value
                found.append(Computed(line, read, value))
        return tuple(found)

    def applied(
        self, w: Array, grad: Array, kept: Mapping[str, Array], t: int
    ) -> tuple[Array, Mapping[str, Array]]:
        """The new numbers of one input, and by symbol what is kept: `computed`, sooner.

        The caller silences warnings about NaN and infinities, which are data.
        """
        numbers = self._start(w[()], grad[()], kept, t)
        for line in self._lines[t > 1]:
            numbers[line.symbol] = line.compute(numbers)
        left = {s: read_only(numbers[s], w.dtype) for s in self.keeps}
        return read_only(numbers["w"], w.dtype), left

    def left(self, lines: tuple[Computed, ...]) -> Mapping[str, Array]:
        """By symbol, what is kept for the next iteration."""
        return {c.line.symbol: c.value for c in lines if c.line.symbol in self.keeps}
