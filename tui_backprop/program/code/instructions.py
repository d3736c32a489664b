"""What a statement becomes: flat instructions over slots, run again by each turn of a loop.

They are plain data, which `machine` runs. Names are resolved to slots once, when a statement is
compiled: a loop that runs it 10⁵ times reads a list.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import NO_PARAMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.graph.model import Span
    from tui_backprop.program.code.scope import Binding, Scope
    from tui_backprop.rules.rule import Parameter, Rule
    from tui_backprop.rules.types import Params, Shape


@dataclass(slots=True, eq=False)
class Move:
    """Bind a name to what another slot holds; an array keeps its one node."""

    source: int
    dest: int
    binding: Binding | None
    span: Span


@dataclass(slots=True, eq=False)
class Read:
    """Take a value where only a static one will do; constant leaves of integers will, too."""

    source: int
    dest: int
    use: str
    span: Span


@dataclass(slots=True, eq=False)
class ReadNumber:
    """A name such as ``e``, which is the number as long as the program assigns it nothing."""

    source: int
    dest: int
    name: str
    span: Span


@dataclass(slots=True, eq=False)
class Extent:
    """``x.shape``, ``x.size``, ``x.ndim`` or ``len(x)``, by its name."""

    what: str
    source: int
    dest: int
    span: Span


@dataclass(slots=True, eq=False)
class CheckCount:
    """What is unpacked, as ``a, b = x`` does: it must have as many entries along axis 0."""

    source: int
    dest: int
    count: int
    text: str
    span: Span


@dataclass(slots=True, eq=False)
class CheckCondition:
    """An operand of ``~``, ``&`` or ``|``: each of its entries holds or does not."""

    source: int
    dest: int
    sign: str
    text: str
    span: Span


@dataclass(slots=True, eq=False)
class Refuse:
    """Say that a call cannot be made; only definitions that come with the program do so."""

    message: str
    dest: int
    span: Span


@dataclass(slots=True, eq=False)
class Pack:
    """A tuple, list, slice or index of static values.

    Attributes:
        kind: ``tuple``, ``list``, ``slice`` or ``index``.
        operands: slots.
        written: numbers of those that are lists written in place; see `packed`.
        dest: slot of the result.
        span: where it was written.
        text: how a list is written whose parts may be arrays; empty where only numbers will do.
        is_several: whether they are what one call gives.
    """

    kind: str
    operands: tuple[int, ...]
    written: frozenset[int]
    dest: int
    span: Span
    text: str = ""
    is_several: bool = False


@dataclass(slots=True, eq=False)
class Made:
    """A call that gives numbers, or several arrays.

    Attributes:
        name: of the function; see `makers`.
        operands: slots of its arguments by name, or by their number.
        dest: slot of the result.
        span: where it was written.
        text: how.
    """

    name: str
    operands: dict[str, int]
    dest: int
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Argument:
    """A static argument that is known only while running, such as ``t`` in ``X[t]``."""

    parameter: Parameter
    slot: int
    span: Span


Measured: TypeAlias = "dict[tuple[Any, ...], tuple[Shape, int, int]]"


@dataclass(slots=True, eq=False)
class Apply:
    """Apply an op: append its node, or fold it if all operands are static.

    Attributes:
        rule: the op.
        operands: slots.
        params: its static arguments, those that are known when compiled.
        dynamic: the others.
        dest: slot of the result.
        binding: the name it is bound to, if at once.
        folds: whether static operands give a static result.
        span: where it was written.
        text: how it was written.
        measured: shapes of operands, or an `index_pattern` → shape and size of the result, and
            its multiplications; one for all that share an op without static arguments.
    """

    rule: Rule
    operands: tuple[int, ...]
    params: Params
    dynamic: tuple[Argument, ...]
    dest: int
    binding: Binding | None
    folds: bool
    span: Span
    text: str
    measured: Measured

    def __init__(
        self, rule: Rule, operands: tuple[int, ...], params: Params, dynamic: tuple[Argument, ...],
        dest: int, binding: Binding | None, folds: bool, span: Span, text: str,
        measured: Measured,
    ) -> None:  # fmt: skip
        # Written out: one is made for each operator of a text, and so it takes a quarter.
        self.rule = rule
        self.operands = operands
        self.params = params
        self.dynamic = dynamic
        self.dest = dest
        self.binding = binding
        self.folds = folds
        self.span = span
        self.text = text
        self.measured = measured


@dataclass(slots=True, eq=False)
class Code:
    """Instructions in order, and what running them takes at least; see ``cost``."""

    instructions: list[Instruction] = field(default_factory=list)
    cost: int = 0
    nodes: int = 0


@dataclass(slots=True, eq=False)
class Function:
    """A definition, inlined where it is called.

    Attributes:
        name: its name.
        parameters: names of its arguments; their slots are 0, 1, ….
        scope: its slots.
        code: its body.
        result: the slot of what it returns; None if the definition has a problem.
        line: of ``def``.
        may_be_static: whether it may return a static value.
        defaults: the values of arguments that may be left out.
        named: arguments that are given by name only; they come last.
        kinds: arguments that must be static, and of which kind; see `Parameter`.
        lists: arguments that are lists of arrays; any other list is one array.
        is_composed: whether it comes with the program, so that a call of it is one op to look at.
        is_pair: whether it returns the values alone of what has two results in PyTorch.
    """

    name: str
    parameters: tuple[str, ...]
    scope: Scope
    code: Code
    line: int
    result: int | None = None
    may_be_static: bool = True
    defaults: Mapping[str, Any] = NO_PARAMS
    named: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = NO_PARAMS
    lists: frozenset[str] = frozenset()
    is_composed: bool = False
    is_pair: bool = False


@dataclass(slots=True, eq=False)
class Call:
    """Inline a definition."""

    function: Function
    arguments: tuple[int, ...]
    dest: int
    binding: Binding | None
    span: Span


@dataclass(slots=True, eq=False)
class Loop:
    """Run a body once per number of a range.

    Attributes:
        bounds: slots of start, stop and step.
        dest: slot of the loop's variable.
        binding: its name.
        body: what is repeated.
        span: the bounds' place.
        turns: how often it runs, where that is known before it does.
    """

    bounds: tuple[int, int, int]
    dest: int
    binding: Binding
    body: Code
    span: Span
    turns: int | None = None


@dataclass(slots=True, eq=False)
class Branch:
    """Run one of two codes, by what is static; only definitions that come with the program do so.

    Attributes:
        test: the slot that is asked.
        wanted: what it must hold for the first code to run, `TRUTH` for any value that counts as
            true; None is held by nothing else, not by an array either.
        is_equal: whether it must hold that, or anything but that.
        codes: the one for yes, and the one for no; both write to ``dest``.
        dest: slot of the result.
        span: where it was written.
    """

    test: int
    wanted: Any
    is_equal: bool
    codes: tuple[Code, Code]
    dest: int
    span: Span


TRUTH: Final = object()
"""Stands for every value that counts as true."""

Step: TypeAlias = (
    Move | Read | ReadNumber | Extent | CheckCount | CheckCondition | Refuse | Pack | Made | Apply
)
"""What writes its one slot and is done."""

Instruction: TypeAlias = Step | Call | Loop | Branch
"""A step, or what enters another code; each has a ``dest``, the slot that it writes."""
