"""What every test over the table walks: each row with each of its examples, on numbers drawn once.

A row brings its own examples and domains, so a new one is walked without a line of test code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from zlib import crc32

import numpy as np
import pytest

from tui_backprop.rules import RULES
from tui_backprop.rules.shapes import unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui_backprop.rules.derivative import Derivative
    from tui_backprop.rules.rule import Example, Rule
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, Index, Params, Shape

Item = TypeVar("Item")
Decorator: TypeAlias = "Callable[[Callable[[Item], None]], Callable[..., None]]"

_KIN = tuple(rule.family for rule in RULES.values() if rule.family)
FAMILIES = (
    *(family.of(n) for family in _KIN for n in (1, 3)),
    *(family.of_rows for family in _KIN if family.of_rows),
)
EXTENDED = tuple(
    rule.extras.of(given)
    for rule in RULES.values()
    if rule.extras
    for count in range(1, len(rule.extras.names) + 1)
    for given in combinations(rule.extras.names, count)
    if not rule.extras.lacking(given)
)
"""Rows with operands that may be left out, in every choice of them."""

CONDITIONED = tuple(
    rule.extras.of_conditions(rule.extras.names)
    for rule in RULES.values()
    if rule.extras and rule.extras.of_conditions
)
"""Rows whose optional operands are conditions."""

ROWS: tuple[Rule, ...] = (
    *RULES.values(), *(rule for rule in FAMILIES if rule.examples), *EXTENDED, *CONDITIONED
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A row and one of its examples."""

    rule: Rule
    example: Example

    @cached_property
    def params(self) -> Params:
        """Static arguments, defaults filled in as the graph does it."""
        return {**{p.name: p.default for p in self.rule.parameters}, **self.example.params}

    @cached_property
    def out(self) -> Shape:
        """What the shape rule says."""
        return self.rule.shape(*self.example.shapes, **self.params)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """One per operand that has a derivative."""
        found = enumerate(self.rule.derivatives)
        return tuple(Edge(self, a) for a, derivative in found if derivative is not None)

    @cached_property
    def name(self) -> str:
        """The row's, its shapes and its parameters."""
        shapes = "_".join("x".join(map(str, s)) or "0d" for s in self.example.shapes)
        params = ",".join(f"{k}={v}" for k, v in self.example.params.items())
        return f"{self.rule.name}-{shapes}" + (f"-{params}" if params else "")

    def __str__(self) -> str:
        return self.name

    @cached_property
    def _drawn(self) -> dict[tuple[int, str], tuple[Array, ...]]:
        """What `operands` gave; they are drawn for each law."""
        return {}

    def operands(self, draw: int = 0, dtype: str = "float64") -> tuple[Array, ...]:
        """Samples from the row's domains, read-only; the same for the same ``draw``."""
        if (draw, dtype) not in self._drawn:
            self._drawn[draw, dtype] = self._samples(draw, dtype)
        return self._drawn[draw, dtype]

    def _samples(self, draw: int, dtype: str) -> tuple[Array, ...]:
        """Samples that nobody has drawn yet."""
        random = np.random.default_rng([crc32(self.name.encode()), draw])
        drawn = []
        for domain, shape in zip(self.rule.domains, self.example.shapes, strict=True):
            array = np.asarray(domain.sample(random, shape), dtype=dtype)
            array.setflags(write=False)
            drawn.append(array)
        return tuple(drawn)

    def forward(self, operands: tuple[Any, ...]) -> Array:
        """The value of the op, an array."""
        with np.errstate(all="ignore"):
            return np.asarray(self.rule.forward(np, *operands, **self.params))

    def near_kink(self, operands: tuple[Array, ...], within: float = 1e-3) -> Array:
        """Which entries of the value stand where no finite difference can be taken."""
        if self.rule.kink is None:
            return np.zeros(self.out, dtype=bool)
        distance = np.asarray(self.rule.kink(np, *operands, **self.params))
        return np.broadcast_to(np.abs(distance) < within, self.out)


@dataclass(frozen=True)
class Edge:
    """A case and one of its operands that has a derivative.

    What is computed takes the value y where it is known: it is not computed again.
    """

    case: Case
    argument: int

    def __str__(self) -> str:
        return f"{self.case}-d{self.case.rule.operands[self.argument]}"

    @property
    def derivative(self) -> Derivative:
        """The row's."""
        return self.case.rule.derivative(self.argument)

    @property
    def shape(self) -> Shape:
        """The operand's."""
        return self.case.example.shapes[self.argument]

    @cached_property
    def sparsity(self) -> Sparsity:
        """The pattern of J."""
        return self.derivative.sparsity(self.case.out, self.case.example.shapes, self.case.params)

    def vjp(self, v: Array, operands: tuple[Array, ...], y: Array | None = None) -> Array:
        """``vᵀJ`` in the operand's shape, broadcasting undone as the graph does it."""
        y = self.case.forward(operands) if y is None else y
        with np.errstate(all="ignore"):
            pulled = self.derivative.vjp(v, y, operands, self.case.params)
            return unbroadcast(pulled, self.shape)

    def jvp(self, t: Array, operands: tuple[Array, ...], y: Array | None = None) -> Array:
        """``J·t`` in the output's shape."""
        y = self.case.forward(operands) if y is None else y
        with np.errstate(all="ignore"):
            return self.derivative.jvp(t, y, operands, self.case.params)

    def entries(
        self, j: Array, i: Array, operands: tuple[Array, ...], y: Array | None = None
    ) -> Array:
        """Partials at flat positions inside the sparsity."""
        y = self.case.forward(operands) if y is None else y
        with np.errstate(all="ignore"):
            found: Array = self.derivative.entries(
                np, at(j, y.shape), at(i, self.shape), y, operands, self.case.params
            )
        return found

    def dense(self, operands: tuple[Array, ...]) -> Array:
        """J, column by column from the JVP of unit vectors."""
        m, n = self.sparsity.shape
        found, y = np.zeros((m, n)), self.case.forward(operands)
        for i, unit in enumerate(np.eye(n)):
            found[:, i] = self.jvp(unit.reshape(self.shape), operands, y).ravel()
        return found

    def pattern(self) -> Array:
        """The sparsity as a matrix of booleans."""
        m, n = self.sparsity.shape
        return self.sparsity.contains(np.arange(m)[:, None], np.arange(n)[None, :])


def at(flat: Array, shape: Shape) -> Index:
    """Coordinates of flat positions."""
    return tuple(np.unravel_index(flat, shape)) if shape else ()


_OF_ROWS = [(rule, [Case(rule, example) for example in rule.examples]) for rule in ROWS]
CASES = tuple(case for _, cases in _OF_ROWS for case in cases)
EDGES = tuple(edge for case in CASES for edge in case.edges)

_TOGETHER = 8
"""Rows of which one test tries a law; a failure names the case."""


def each_row(test: Callable[[Rule], None]) -> Callable[..., None]:
    """One test for a few rows, those without an example too."""
    return _over(test, [(rule, [rule]) for rule in ROWS])


def each_case(test: Callable[[Case], None]) -> Callable[..., None]:
    """One test for a few rows, which tries all of their examples and names those that fail."""
    return _of_each_row(test, list)


def each_edge(test: Callable[[Edge], None]) -> Callable[..., None]:
    """One test for a few rows, which tries each operand of all of their examples."""
    return _of_each_row(test, _edges)


def each_edge_if(holds: Callable[[Edge], bool]) -> Decorator[Edge]:
    """`each_edge` for a law that only some have; rows without any are left out."""

    def decorated(test: Callable[[Edge], None]) -> Callable[..., None]:
        return _of_each_row(test, lambda cases: [e for e in _edges(cases) if holds(e)])

    return decorated


def each_case_if(holds: Callable[[Case], bool]) -> Decorator[Case]:
    """`each_case` for a law that only some have."""

    def decorated(test: Callable[[Case], None]) -> Callable[..., None]:
        return _of_each_row(test, lambda cases: [c for c in cases if holds(c)])

    return decorated


def first_case(test: Callable[[Case], None]) -> Callable[..., None]:
    """For a dear law: the first example of each row, and all of them under ``exhaustive``."""
    return _of_each_row(test, list, _first)


def first_case_if(holds: Callable[[Case], bool]) -> Decorator[Case]:
    """`first_case` for a law that only some have."""

    def decorated(test: Callable[[Case], None]) -> Callable[..., None]:
        return _of_each_row(test, lambda cases: [c for c in cases if holds(c)], _first)

    return decorated


def first_edge(test: Callable[[Edge], None]) -> Callable[..., None]:
    """For a dear law: the operands of the first example, and all of them under ``exhaustive``."""
    return _of_each_row(test, _edges, lambda edges: [e for e in edges if e.case == edges[0].case])


def _edges(cases: list[Case]) -> list[Edge]:
    return [edge for case in cases for edge in case.edges]


def _first(found: list[Item]) -> list[Item]:
    return found[:1]


def _of_each_row(
    test: Callable[[Item], None],
    items_of: Callable[[list[Case]], list[Item]],
    dear: Callable[[list[Item]], list[Item]] | None = None,
) -> Callable[..., None]:
    """A test of what each row has: in the quick tests what is kept of that, where it is dear."""
    few, more = [], []
    for rule, cases in _OF_ROWS:
        items = items_of(cases)
        kept = dear(items) if dear and items else items
        few.append((rule, kept))
        more.append((rule, [] if kept is items else [item for item in items if item not in kept]))
    return _over(test, few, more)


def _over(
    test: Callable[[Item], None],
    few: Sequence[tuple[Rule, list[Item]]],
    more: Sequence[tuple[Rule, list[Item]]] = (),
) -> Callable[..., None]:
    """A test that is collected once per `_TOGETHER` rows: what is collected has its price too."""
    params = [
        *(pytest.param(items, id=name) for name, items in _together(few)),
        *(pytest.param(items, id=f"{name}-more", marks=pytest.mark.exhaustive)
          for name, items in _together(more)),
    ]  # fmt: skip

    def over_examples(items: list[Item], subtests: pytest.Subtests) -> None:
        for item in items:
            try:
                test(item)
            except Exception as error:
                with subtests.test(str(item)):  # only now: each of these is a report of its own
                    raise error

    for name in ("__name__", "__qualname__", "__doc__", "__module__"):
        setattr(over_examples, name, getattr(test, name))
    return pytest.mark.parametrize("items", params)(over_examples)


def _together(found: Sequence[tuple[Rule, list[Item]]]) -> Iterator[tuple[str, list[Item]]]:
    """What a few rows that follow one another have, under the names of all of them."""
    having = [(rule, items) for rule, items in found if items]
    for k in range(0, len(having), _TOGETHER):
        some = having[k : k + _TOGETHER]
        name = "+".join(dict.fromkeys(rule.name for rule, _ in some))
        yield name, [item for _, items in some for item in items]
