"""Programs over the whole op table and the whole grammar, each with leaves of fitting shapes.

A draft keeps the shape of every name, so that nearly all of what is drawn can be built. Shapes are
those of the ops' own examples: a new row takes part without a line here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from hypothesis import strategies as st

from tests.rules.cases import ROWS
from tui_backprop.errors import TuiBackpropError
from tui_backprop.rules.text import application

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Shape

    Derived: TypeAlias = tuple[str, Callable[[Array], Any]]

NAMES: Final = ("x", "y", "h", "W", "b", "X", "Y", "v", "J", "step", "grad", "op", "t", "e", "pi",
                "loss", "a1", "theta", "phase", "T", "self", "nan_", "seed", "before")  # fmt: skip
"""Some of them mean something else in a command, or nothing yet."""

SHAPES: Final[tuple[Shape, ...]] = ((3,), (2, 3), (), (2,), (2, 2), (1,), (0,), (3, 0), (2, 1, 3))

DERIVED: Final[tuple[Derived, ...]] = (
    ("{}.sum()", lambda x: x.sum()), ("{}.sum(axis=0)", lambda x: x.sum(0)),
    ("{}.sum(-1, keepdims=True)", lambda x: x.sum(-1, keepdims=True)),
    ("{}.mean(axis=-1)", lambda x: x.mean(-1) if x.size else 1 / 0), ("{}.T", lambda x: x.T),
    ("{}.reshape(-1)", lambda x: x.reshape(-1) if x.size else 1 / 0), ("{}.ravel()", np.ravel),
    ("{}.max()", lambda x: x.max()), ("{}.min(axis=0)", lambda x: x.min(0)),
    ("{}.prod()", lambda x: x.prod()), ("{}.cumsum(axis=0)", lambda x: x.cumsum(0)),
    ("{}[0]", lambda x: x[0]), ("{}[-1]", lambda x: x[-1]), ("{}[1:]", lambda x: x[1:]),
    ("{}[::-1]", lambda x: x[::-1]), ("{}[..., -1]", lambda x: x[..., -1]),
    ("{}[:, None]", lambda x: x[:, None]), ("{}[[0, 0]]", lambda x: x[[0, 0]]),
    ("{}[None]", lambda x: x[None]), ("{}[:0]", lambda x: x[:0]), ("-{}", np.negative),
    ("{0}.T @ {0}", lambda x: x.T @ x), ("stack([{0}, {0}])", lambda x: np.stack([x, x])),
    ("concatenate([{0}, 2 * {0}], axis=0)", lambda x: np.concatenate([x, x])),
    ("{} * {}.shape[0]", lambda x: x * x.shape[0]), ("{} ** 2", np.square),
    ("tile({}, 2)", lambda x: np.tile(x, 2)), ("sorted({})", lambda x: x),
    ("[{0}, {0}]", lambda x: np.stack([x, x])), ("{} + [1, 2, 3]", lambda x: x + np.ones(3)),
)  # fmt: skip
"""How a value is written that is made of one other, and what NumPy makes of it."""

SAME: Final = ("{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} / {1}", "{0} ** {1}", "{0} % {1}",
               "{0} // {1}", "maximum({0}, {1})", "where({0} > {1}, {0}, {1})", "{0} * ({1} >= 0)",
               "where({0} != {0}, 0, {1})", "arctan2({0}, {1})", "({0} < {1}) * 2 - 1",
               "clip({0}, -1, 1) * {1}", "{0} * {0} + {1}", "{0} - pi * {1}", "e ** {0} + {1}",
               "{0} * inf + {1}", "{0} + nan * {1}", "logaddexp({0}, {1})")  # fmt: skip
SMOOTH: Final = ("{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} * {0} + {1}", "sin({0}) * {1}",
                 "tanh({0}) - {1}", "exp({0} / 4) + {1}", "sigmoid({0} * {1})",
                 "{0} / (2 + {1} * {1})", "softplus({0}) * {1}", "log(1 + {0} * {0}) + {1}",
                 "sqrt(1 + {0} * {0}) * {1}", "erf({0}) + {1}")  # fmt: skip
SMOOTH_DERIVED: Final = tuple(
    pair for pair in DERIVED
    if "max" not in pair[0] and "min" not in pair[0] and "sorted" not in pair[0]
)  # fmt: skip
NUMBERS: Final = ("2", "0", "-1", "0.5", "1e-3", "3", "10", "1e300", "1e-320", "pi", "e", "inf",
                  "-0.0", "2 / 3", "1e200 * 1e200")  # fmt: skip


@dataclass(eq=False)
class Draft:
    """A program while it is written.

    Attributes:
        draw: hypothesis's.
        is_smooth: whether it must have a slope everywhere that differences can follow.
        inputs: leaves with a gradient, and their numbers.
        constants: leaves without.
        shapes: of every name as it is now.
        lines: so far.
    """

    draw: st.DrawFn
    is_smooth: bool = False
    inputs: dict[str, Array] = field(default_factory=dict)
    constants: dict[str, Array] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The program."""
        return "\n".join(self.lines)

    def leaf(self, shape: Shape, value: Array | None = None, *, constant: bool = False) -> str:
        """A new leaf."""
        name = f"{self.draw(st.sampled_from(NAMES[:16]))}"
        while name in self.shapes or name in self.inputs or name in self.constants:
            name += "_"
        made = _numbers(self.draw, shape, tame=self.is_smooth) if value is None else value
        (self.constants if constant else self.inputs)[name] = made
        self.shapes[name] = shape
        return name

    def one(self, shape: Shape | None = None) -> str:
        """A name of a shape, of any where none is asked for; a new leaf where there is none."""
        found = [n for n, s in self.shapes.items() if shape is None or s == shape]
        if found and self.draw(st.integers(0, 7)) > 0:
            chosen: str = self.draw(st.sampled_from(found))
            return chosen
        return self.leaf(self.draw(st.sampled_from(SHAPES)) if shape is None else shape)

    def bind(self, text: str, shape: Shape) -> None:
        """``name = text``."""
        taken = self.inputs.keys() | self.constants.keys()
        free = [n for n in NAMES if n not in taken or not self.is_smooth]
        name = self.draw(st.sampled_from(free))
        self.lines.append(f"{name} = {text}")
        self.shapes[name] = shape

    def statement(self) -> None:
        """One more statement."""
        kinds = [self.same, self.same, self.derived, self.number, self.augmented, self.loop,
                 self.definition, self.unpacked]  # fmt: skip
        if not self.is_smooth:
            kinds += [self.call, self.call, self.call]
        self.draw(st.sampled_from(kinds))()

    def same(self) -> None:
        """An expression of two values of one shape."""
        one = self.one()
        other = self.one(self.shapes[one])
        self.bind(self.pair(one, other), self.shapes[one])

    def pair(self, one: str, other: str) -> str:
        """Its text."""
        form = self.draw(st.sampled_from(SMOOTH if self.is_smooth else SAME))
        return form.format(one, other)

    def number(self) -> None:
        """A value and a number; the number stands on either side."""
        one, number = self.one(), self.draw(st.sampled_from(NUMBERS[:7]))
        if not self.is_smooth:
            number = self.draw(st.sampled_from(NUMBERS))
        pair = (number, one) if self.draw(st.booleans()) else (one, number)
        self.bind("{} {} {}".format(pair[0], self.draw(st.sampled_from("+-*")), pair[1]),
                  self.shapes[one])  # fmt: skip

    def derived(self) -> None:
        """A method, an index, a list; it stays out where it does not fit."""
        one = self.one()
        form, made = self.draw(st.sampled_from(SMOOTH_DERIVED if self.is_smooth else DERIVED))
        try:
            shape = np.shape(made(np.zeros(self.shapes[one])))
        except (ValueError, IndexError, ZeroDivisionError):
            return
        self.bind(form.format(one, one), shape)

    def augmented(self) -> None:
        """``a += b``."""
        one = self.one()
        signs = ("+=", "-=", "*=") if self.is_smooth else ("+=", "-=", "*=", "/=", "**=", "//=")
        self.lines.append(f"{one} {self.draw(st.sampled_from(signs))} {self.one(self.shapes[one])}")

    def loop(self) -> None:
        """Some rounds; none is a number of them too."""
        one = self.one()
        other = self.one(self.shapes[one])
        turns = self.draw(st.sampled_from((0, 1, 2, 3)))
        self.lines += [f"for i in range({turns}):", f"    {one} = {self.pair(one, other)}"]
        if self.draw(st.booleans()):
            self.lines.append(f"    {one} = {one} * (i + 1)")

    def definition(self) -> None:
        """A definition, called once or within itself."""
        one = self.one()
        other = self.one(self.shapes[one])
        name = f"f{len(self.lines)}"
        self.lines += [f"def {name}(a, b):", f"    c = {self.pair('a', 'b')}", "    return c * a"]
        call = self.draw(st.sampled_from(("{0}({1}, {2})", "{0}(b={2}, a={1})",
                                          "{0}({0}({1}, {2}), {1})")))  # fmt: skip
        self.bind(call.format(name, one, other), self.shapes[one])

    def unpacked(self) -> None:
        """``p, q = x``."""
        one = self.one(self.draw(st.sampled_from(((2,), (2, 3), (3,), (2, 2)))))
        count, *rest = self.shapes[one]
        names = [f"{p}{len(self.lines)}" for p in "pqr"[:count]]
        self.lines.append(f"{', '.join(names)} = {one}")
        self.shapes |= dict.fromkeys(names, tuple(rest))

    def call(self) -> None:
        """A row of the op table, on operands of one of its examples."""
        rule = self.draw(st.sampled_from(ROWS))
        if not rule.examples:
            return
        example = self.draw(st.sampled_from(rule.examples))
        given = [self.operand(rule, k, shape) for k, shape in enumerate(example.shapes)]
        params = {**{p.name: p.default for p in rule.parameters}, **example.params}
        try:
            shape = rule.shape(*example.shapes, **params)
        except TuiBackpropError:
            return
        self.bind(application(rule, tuple(given), params), shape)

    def operand(self, rule: Rule, k: int, shape: Shape) -> str:
        """Mostly of the numbers that the row expects: labels are whole, variances positive."""
        is_fixed = rule.derivatives[k] is None
        if not is_fixed and self.draw(st.integers(0, 2)):
            return self.one(shape)
        random = np.random.default_rng(self.draw(st.integers(0, 2**16)))
        value = rule.domains[k].sample(random, shape) if k < len(rule.domains) else None
        return self.leaf(shape, value, constant=is_fixed or not self.draw(st.integers(0, 4)))


SPECIAL: Final = (0.0, -0.0, np.inf, -np.inf, np.nan, 1e308, -1e308, 5e-324, 1e-310, 3e38, 1e-45,
                  1e16, 709.8, -745.2, 1e154)  # fmt: skip


def _numbers(draw: st.DrawFn, shape: Shape, *, tame: bool) -> Array:
    """Small ones; where they need not be tame, zeros, ties, and what is not finite."""
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    drawn = np.asarray(random.uniform(-2, 2, shape).round(3))
    kind = 0 if tame else draw(st.integers(0, 3))
    if kind == 1:
        return np.asarray(drawn.round())
    if kind == 2:
        mixed = np.where(random.random(shape) < 0.4, random.choice(SPECIAL, shape), drawn)
        return np.asarray(mixed)
    return drawn


@st.composite
def drafts(draw: st.DrawFn, *, smooth: bool = False, most: int = 6) -> Draft:
    """A whole program of a few statements, with at least one input."""
    found = Draft(draw, smooth)
    found.leaf(draw(st.sampled_from(SHAPES[:6] if smooth else SHAPES)))
    for _ in range(draw(st.integers(1, most))):
        found.statement()
    if not found.lines:
        found.bind(f"2 * {found.one()}", (3,))
    return found
