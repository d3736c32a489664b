"""What a row of the op table is.

``m`` in a row is the interpretation: NumPy, or a namespace of SymPy functions under NumPy's names,
so one row gives numbers and formulas.
"""

from __future__ import annotations

from dataclasses import field
from math import inf, prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import RuleError
from tui_backprop.language.message import one_of, said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_backprop.rules.derivative import Derivative, Operands
    from tui_backprop.rules.slope_reasons import Found, PartialAt, PassedOver
    from tui_backprop.rules.types import Array, Index, Params, Shape

REQUIRED: Final = object()
"""Marks a parameter without a default."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A static argument of an op, such as ``axis``.

    Attributes:
        name: its keyword, NumPy's where NumPy has the function.
        kind: what it may be: ``axis`` (int, tuple of ints or None), ``axes`` (tuple or None),
            ``bool``, ``int``, ``number``, ``shape`` (int or tuple), ``index`` (a NumPy index),
            ``optional_number`` and ``optional_int`` (or None), ``sizes`` (ints or None),
            ``output_size`` (ints, each or None), ``factors`` (numbers, or None),
            ``conv_padding`` (int, tuple of ints, ``same`` or ``valid``),
            ``pad_width`` and ``tensordot_axes`` (ints, or tuples of them in tuples), ``borders``
            (numbers, likewise), ``text`` (quoted), ``order``, ``reduction``,
            ``batched_reduction``, ``gelu_form``, ``resize_mode`` and ``norm_order`` (one of a few
            words or numbers).
        default: NumPy's default, or `REQUIRED`.
        is_named: whether it is given by name only: where it would stand by position, the library
            that the op is from has another argument.
    """

    name: str
    kind: str
    default: Any = REQUIRED
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Domain:
    """Where the witnesses draw an operand's samples from.

    Attributes:
        low: lower end of an open interval.
        high: its upper end.
        values: drawn from these instead, where there are any: a condition is 0 or 1.
        diagonal: added on the diagonal of each matrix, so that it is far from having no inverse.
    """

    low: float = -2.0
    high: float = 2.0
    values: tuple[float, ...] = ()
    diagonal: float = 0.0

    def sample(self, random: np.random.Generator, shape: Shape) -> Array:
        """Numbers of this domain, float64, in ``shape``."""
        if self.values:
            return random.choice(np.asarray(self.values, dtype=np.float64), size=shape)
        found = random.uniform(self.low, self.high, size=shape)
        if not self.diagonal:
            return found
        rows, columns = shape[-2:]
        return found + self.diagonal * np.eye(rows, columns)


@dataclass(frozen=True, slots=True)
class Example:
    """Operand shapes and static arguments that an op accepts: for witnesses and for help.

    Attributes:
        shapes: one per operand.
        params: the static arguments that differ from their defaults.
    """

    shapes: tuple[Shape, ...]
    params: Params = field(default_factory=lambda: MappingProxyType({}))


MOST_MEMBERS: Final = 64
"""Operands that a family takes; more would be a page of one line."""


def member_names(count: int) -> list[str]:
    """The operand names of a family's row: a to z, then a2, b2 and so on."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [letters[k % 26] + (str(k // 26 + 1) if k >= 26 else "") for k in range(count)]


@dataclass(frozen=True, slots=True)
class Family:
    """An op of as many operands as a program gives it: a row for each number, made when needed.

    Attributes:
        of: number of operands → its row; the same row for the same number.
        listed: whether the operands stand in one list, before the parameters; else they stand
            after the parameters.
        usage: how it is written.
        ignored: keywords that change how NumPy computes, and not what.
        of_rows: the row for one array in place of the list: NumPy goes along its first axis.
    """

    of: Callable[[int], Rule]
    listed: bool
    usage: str
    ignored: frozenset[str] = frozenset()
    of_rows: Rule | None = None


@dataclass(frozen=True, slots=True)
class Extras:
    """Operands that a call may leave out: a row for each choice of them, made when needed.

    One that bears the name of a parameter is that parameter wherever it is given as a number.

    Attributes:
        names: what they are called, in order.
        of: those that are given, in this order → the row that has them behind its other operands;
            the same row for the same names.
        stand_first: whether they stand before the parameters in a call; else after them, where
            they are given by name.
        together: those of them that are given all, or none.
        of_conditions: the row where those that are given are conditions, made by comparing, which
            mean something else than numbers; None where they do not.
    """

    names: tuple[str, ...]
    of: Callable[[tuple[str, ...]], Rule]
    stand_first: bool = False
    together: frozenset[str] = frozenset()
    of_conditions: Callable[[tuple[str, ...]], Rule] | None = None

    def lacking(self, given: Sequence[str]) -> str:
        """The first operand that has to be given too; empty where none is lacking."""
        is_begun = any(name in self.together for name in given)
        lacking = (n for n in self.names if is_begun and n in self.together and n not in given)
        return next(lacking, "")


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """Why a row's value or its slopes are not finite, or are what a convention says.

    Attributes:
        text: one sentence, without a stop; ``{op}`` in it, an ``{operand}``, a ``{parameter}`` and
            what `tells` tells stand for what they are in the program, ``{largest}`` for the
            largest number of the format.
        at: ``(y, *operands, **params)`` → for which entries of y it holds: booleans that broadcast
            to its shape. An elementwise row is asked about one entry, with the numbers it read.
        tells: ``(y, *operands, **params)`` → further fields of the text.
    """

    text: str
    at: Callable[..., Any]
    tells: Callable[..., Mapping[str, Any]] = lambda *_operands, **_params: {}


@dataclass(frozen=True, slots=True)
class Traits:
    """What an op is like, for whoever explains the numbers that it gave.

    Attributes:
        defined: the lowest and the highest number that it is defined for.
        slope: its slope as a formula, where that is infinite somewhere.
        steep_at: the numbers at which its slope is infinite, as they are written.
        overflows: whether it grows exponentially, so that finite numbers soon give an infinity.
        saturates: whether its slope dwindles to 0 far out.
        unscaled: what its slope is multiplied by where the constant in it is forgotten, such as the
            2 of a square; 1 where there is none.
        has_epsilon: whether a small number is customarily added to its operand, to keep it from 0.
        rises: whether it never falls where its operand rises; an op of one operand.
        adds: whether each entry is a sum of entries of the operands, with any signs, or their mean.
        sums_products: whether each entry is a sum of products of an entry of each operand.
        reduces: whether each entry is made of those along ``axis`` together, and of no others.
        moves: whether it computes nothing: each entry is one of an operand.
        cuts: whether it is there to let a value on and no gradient back.
        chooses: whether each entry is one of its operand's, chosen by its size: then one that is
            not equal to it has no part in a tie.
        alone: why nothing depends on an entry that meets no other, in one sentence without a stop.
        reads_all: whether then each entry is made of all, and not only of the one at its place.
        steep: why one of its partials is infinite, where that is no matter of one formula.
        zero: why one of its partials is exactly 0, from the numbers around it.
        passed_over: why data keep an entry from being read at all.
    """

    defined: tuple[float, float] = (-inf, inf)
    slope: str = ""
    steep_at: tuple[str, ...] = ()
    overflows: bool = False
    saturates: bool = False
    unscaled: float = 1.0
    has_epsilon: bool = False
    rises: bool = False
    adds: bool = False
    sums_products: bool = False
    reduces: bool = False
    moves: bool = False
    cuts: bool = False
    chooses: bool = False
    alone: str = ""
    reads_all: bool = False
    steep: Callable[[PartialAt], str] | None = None
    zero: Callable[[PartialAt], Found | None] | None = None
    passed_over: Callable[[PartialAt], PassedOver | None] | None = None


PLAIN: Final = Traits()
"""Nothing special."""

MOVES: Final = Traits(moves=True)
"""Of an op that computes nothing."""

SUMS_PRODUCTS: Final = Traits(sums_products=True)
"""Of a product of matrices and its kin."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One op: a row of the table.

    Attributes:
        name: the function's name in programs and on screen.
        operands: names of the array arguments, in order.
        text: how an application is written, with ``{operand}`` and ``{parameter}`` fields; it
            parses back to the same op.
        forward: ``(m, *operands, **params)`` → value.
        shape: ``(*shapes, **params)`` → the result's shape; raises `ShapeError`, `ArgumentError`.
        derivatives: one per operand; None states that there is none (a condition, an index).
        parameters: the static arguments, in order, after the operands.
        elementwise: whether operands broadcast entry by entry.
        summary: what the op does, one line.
        kink: ``(m, *operands, **params)`` → a signed quantity that is zero at a kink; None for
            smooth ops.
        convention: which value is taken at the kink, in words; empty for smooth ops.
        domains: where the witnesses sample each operand.
        examples: operand shapes and parameters to try it on.
        family: where the number of operands varies; the row itself is one of them.
        extras: where some operands may be left out; the row in the table has none of them.
        cost: ``(out, *shapes, **params)`` → multiplications of one application, where these
            are more than entries; None where each is read, and made, once or a few times.
        prepare: ``(**params)`` → the static arguments as forward and derivatives read them
            quickest, which take them either way: for an application that is evaluated again and
            again; None where they are read quickly as they stand.
        spellings: other names of arguments, each with the one that is meant.
        call_order: names of operands and parameters as they stand in a call, where PyTorch has the
            axis between the operands; else these come first.
        reasons: what the row knows of entries that are not finite; see `reason`.
        traits: what it is like.
        computed_by: who computes it, such as ``PyTorch``, where it is no row of the table: its
            value and derivatives are asked for there, and no formula of it is known. Else empty.
        follows: the framework whose conventions it has, where they are not the table's; else empty.
        called: the other name of its call, where under that it is another function to a framework.
        variants: the row as it is under such a name, or where certain operands, by number, are
            constants: to some frameworks ``x ** 0`` is another op than ``x ** z``.
        is_part: whether it is a part of a composed op, which is another op to a framework.
    """

    name: str
    operands: tuple[str, ...]
    text: str
    forward: Callable[..., Any]
    shape: Callable[..., Shape]
    derivatives: tuple[Derivative | None, ...]
    parameters: tuple[Parameter, ...] = ()
    elementwise: bool = False
    summary: str = ""
    kink: Callable[..., Any] | None = None
    convention: str = ""
    domains: tuple[Domain, ...] = ()
    examples: tuple[Example, ...] = ()
    family: Family | None = None
    extras: Extras | None = None
    cost: Callable[..., int] | None = None
    prepare: Callable[..., Params] | None = None
    spellings: Mapping[str, str] = MappingProxyType({})
    call_order: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    traits: Traits = PLAIN
    computed_by: str = ""
    follows: str = ""
    called: str = ""
    variants: Mapping[str | frozenset[int], Rule] = MappingProxyType({})
    is_part: bool = False

    def multiplications(self, out: Shape, shapes: tuple[Shape, ...], params: Params) -> int:
        """How many multiplications one application takes, or what takes as long, by arithmetic."""
        least = max(prod(out), *map(prod, shapes))
        return least if self.cost is None else max(least, self.cost(out, *shapes, **params))

    def reason(self, j: Index, y: Array, operands: Operands, params: Params) -> Reason | None:
        """The row's reason for an entry of y, or its slopes, that are not finite or a convention.

        None where the row knows of nothing special.
        """
        for reason in self.reasons:
            with np.errstate(all="ignore"):
                found = np.asarray(reason.at(y, *operands, **params))
            if bool(np.broadcast_to(found, np.shape(y))[j]):
                return reason
        return None

    def derivative(self, argument: int) -> Derivative:
        """The derivative with respect to one operand.

        Raises:
            RuleError: the row states that there is none; the message names op and operand.
        """
        found = self.derivatives[argument]
        if found is None:
            raise RuleError(said(
                "'{op}' has no derivative with respect to '{operand}' (argument {argument})",
                op=self.name, operand=self.operands[argument], argument=argument,
            ))  # fmt: skip
        return found

    @property
    def is_differentiable(self) -> bool:
        """Whether any operand has a derivative."""
        return any(d is not None for d in self.derivatives)


def no_such_rule(name: str, guesses: Sequence[str]) -> RuleError:
    """The error for an op that has no row, with the names that may have been meant."""
    if not guesses:
        return RuleError(
            said("there is no op '{name}': 'tui-backprop ops' lists all there are", name=name)
        )
    return RuleError(said(
        "there is no op '{name}'; did you mean {guesses}? 'tui-backprop ops' lists all there are",
        name=name, guesses=one_of(guesses),
    ))  # fmt: skip
