"""PyTorch's functions with two results, the values and where they stand: ``v, i = topk(x, 2)``.

Here such a call is its values, as NumPy has it, until somebody asks for one of two results. Where
NumPy means something else by the same words, nothing is chosen: the message says what to write.
"""

from __future__ import annotations

import ast
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.language.message import said
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.program.code.instructions import Argument
from tui_backprop.program.compiling.arguments import bind_function, bind_rule
from tui_backprop.program.compiling.methods import as_call, module_of
from tui_backprop.program.compiling.walk import Visit, whole_number
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.program.vocabulary.makers import PAIRS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.program.compiling.walk import Walk

    Step = Callable[[tuple[int, ...]], tuple[int, ...]]


_ALWAYS: Final = frozenset({"topk", "kthvalue", "cummax", "cummin"})
"""Functions that NumPy has not."""

_MEDIANS: Final = frozenset({"median", "nanmedian"})
_ALONG: Final = frozenset({"sort", "max", "min", *_MEDIANS})
"""Functions that NumPy has too; there they give one array."""

_KEYWORDS: Final = MappingProxyType({"dim": "axis", "keepdim": "keepdims"})
"""What only PyTorch calls its arguments, and what NumPy does."""

_RESULTS: Final = MappingProxyType({"values": 0, "indices": 1})
_TWO: Final = 2


class _Call(NamedTuple):
    """A call of one of them, as a call of a function; and whether it was written as a method."""

    node: ast.Call
    name: str
    is_method: bool


def given_both(walk: Walk, value: ast.expr) -> int | None:
    """The slot of both results of a call that is unpacked into two names; None of any other.

    Raises:
        ProblemError: the two names may mean the entries of NumPy's one array.
    """
    call = _pair(walk, value)
    if call is None:
        _refuse_doubtful(walk, value, is_unpacked=True)
        return None
    visits, step = _plan(walk, call, (0, 1), call.node)
    slots = tuple(walk.compile(visit.node, visit.use) for visit in visits)
    text = walk.emitter.source.snippet(*walk.place(value))
    return walk.emitter.pack("tuple", step(slots), walk.span(value), text=text, is_several=True)


def has_part(walk: Walk, value: ast.expr, which: str | int) -> bool:
    """Whether ``value.which``, or ``value[which]``, is one of two results.

    Raises:
        ProblemError: it may be, and may be an entry of NumPy's one array.
    """
    if (_RESULTS.get(which) if isinstance(which, str) else which) not in {0, 1, -1, -2}:
        return False
    if _pair(walk, value) is not None:
        return True
    _refuse_doubtful(walk, value)
    return False


def visit_part_of_pair(
    walk: Walk, value: ast.expr, which: str | int, whole: ast.expr
) -> int | None:
    """One of the two results, without the other."""
    call = _pair(walk, value)
    if call is None:
        raise AssertionError("a part is asked for of what has none")
    number = _RESULTS[which] if isinstance(which, str) else which % _TWO
    visits, step = _plan(walk, call, (number,), whole)
    return walk.after(visits, lambda slots: step(slots)[0])


def is_pair(walk: Walk, value: ast.expr) -> bool:
    """Whether an expression would be two results in PyTorch and is the values alone here."""
    return _pair(walk, value) is not None or _holds_values(walk, value)


def check_dim(walk: Walk, node: ast.Call, name: str) -> None:
    """Refuse ``dim=`` where PyTorch then means something else than the values.

    Raises:
        ProblemError: with what to write.
    """
    if name not in _MEDIANS and name not in {"max", "min"}:
        return
    written = _written_call(walk, node)
    theirs = [k for k in node.keywords if k.arg in _KEYWORDS]
    if written is None or written.name != name or not theirs:
        return
    span = walk.span(theirs[0])
    if name in _MEDIANS:
        ours = (f"{_KEYWORDS[k.arg or '']}={ast.unparse(k.value)}" for k in theirs)
        raise ProblemError(span, *_other_median(name, ", ".join(ours)))
    if any(isinstance(k.value, ast.Tuple | ast.List) for k in theirs):
        return  # of several axes it has no places
    message = said("PyTorch's '{name}' along dim gives the values and where they stand", name=name)
    given = ", ".join(map(ast.unparse, [*written.node.args, *written.node.keywords]))
    both = f"v, i = {ast.unparse(node)}"
    hint = said("write {code}, or {both}", code=f"a{name}({given})", both=both)
    raise ProblemError(span, message, hint)


def check_method(walk: Walk, method: ast.Attribute) -> None:
    """Refuse ``x.median()``: only PyTorch's tensors have it, and mean the lower of the middle two.

    Raises:
        ProblemError: with what to write.
    """
    if method.attr in _MEDIANS:
        code = f"{method.attr}({ast.unparse(method.value)})"
        raise ProblemError(walk.span(method), *_other_median(method.attr, code))


def _other_median(name: str, code: str) -> tuple[str, str]:
    message = said("PyTorch's '{name}' is the lower of the middle two entries", name=name)
    return message, said("write {code} for their mean, as NumPy has it", code=code)


def _written_call(walk: Walk, node: ast.expr) -> _Call | None:
    """A call of one of the functions, by its own name."""
    if not isinstance(node, ast.Call):
        return None
    function = node.func
    if isinstance(function, ast.Name) and function.id in _ALWAYS | _ALONG:
        is_own = function.id in walk.functions
        return None if is_own else _Call(node, function.id, is_method=False)
    if not isinstance(function, ast.Attribute) or function.attr not in _ALWAYS | _ALONG:
        return None
    call = None if module_of(walk, function.value) else as_call(walk, node, function)
    return None if call is None else _Call(call, function.attr, is_method=True)


def _pair(walk: Walk, node: ast.expr) -> _Call | None:
    """A call that can mean nothing but two results."""
    call = _written_call(walk, node)
    if call is None or call.name not in PAIRS:
        return None
    is_torchs = call.name in _ALWAYS or any(k.arg in _KEYWORDS for k in call.node.keywords)
    # NumPy's method sorts in place and gives nothing.
    return call if is_torchs or (call.is_method and call.name == "sort") else None


def values_alone(walk: Walk, node: ast.expr) -> ProblemError:
    """The problem that two results are asked for of what is the values alone."""
    message = said(
        "'{name}' is the values alone of what gives two results in PyTorch",
        name=ast.unparse(node),
    )
    hint = said("write {both} where it is called, or .values behind the call", both="v, i = …")
    return ProblemError(walk.span(node), message, hint)


def _refuse_doubtful(walk: Walk, node: ast.expr, *, is_unpacked: bool = False) -> None:
    if _holds_values(walk, node):
        raise values_alone(walk, node)
    call = _written_call(walk, node)
    if call is None or any(k.arg in {"axis", *_KEYWORDS} for k in call.node.keywords):
        return
    axis = call.node.args[1] if len(call.node.args) > 1 else None
    is_axis = whole_number(axis) is not None
    if not is_axis and not (is_unpacked and axis is None and call.name == "sort"):
        return
    along = "-1" if axis is None else ast.unparse(axis)
    numpys, torchs = (_with_keyword(call, f"{key}={along}") for key in ("axis", "dim"))
    message = said(
        "'{code}' gives one array in NumPy, and two results in PyTorch", code=ast.unparse(node)
    )
    hint = said("write {numpys}, or {torchs}", numpys=numpys, torchs=torchs)
    if call.name in _MEDIANS:
        hint = said("write {code}", code=numpys)
    raise ProblemError(walk.span(node), message, hint)


def _with_keyword(call: _Call, along: str) -> str:
    """``max(x, axis=0)`` or ``x.max(axis=0)`` for the call with a number in that place."""
    array = ast.unparse(call.node.args[0])
    given = ", ".join([along, *map(ast.unparse, call.node.keywords)])
    return f"{array}.{call.name}({given})" if call.is_method else f"{call.name}({array}, {given})"


def _holds_values(walk: Walk, node: ast.expr) -> bool:
    """Whether it is a name that such a call was given, or a call of what returns one."""
    if isinstance(node, ast.Name):
        return node.id in walk.pairs
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    function = walk.functions.get(node.func.id)
    return function is not None and function.is_pair


def _plan(
    walk: Walk, call: _Call, numbers: tuple[int, ...], whole: ast.expr
) -> tuple[list[Visit], Step]:
    """What makes the results of these numbers."""
    ops = PAIRS[call.name]
    return plan(walk, call.node, [ops[number] for number in numbers], ops[1], whole)


def plan(
    walk: Walk, call: ast.Call, ops: Sequence[str], of_all: str, whole: ast.expr
) -> tuple[list[Visit], Step]:
    """What is to be read first, once, and what then makes the node of each op of it.

    Args:
        walk: compiles the arguments.
        call: with the array first, then arguments that are static.
        ops: rows or composed ops that take these arguments, or some of them.
        of_all: an op that takes all of them, by whose names they are bound.
        whole: where it was written.

    Raises:
        ProblemError: the arguments do not fit.
    """
    if of_all in walk.rules:
        _, found = bind_rule(walk.rules[of_all], call, walk.span)
    else:
        found = bind_function(walk.library[of_all], call, walk.span)
    array, *static = found
    uses = [Visit(found[n], said("the argument '{name}'", name=n)) for n in static]
    place, span = walk.place(whole), walk.span(whole)
    texts = {name: ast.unparse(given) for name, given in found.items()}
    texts[array] = walk.emitter.source.snippet(*walk.place(found[array]))

    def made(op: str, slots: dict[str, int]) -> int:
        if op in walk.rules:
            rule = walk.rules[op]
            parameters = {p.name: p for p in rule.parameters if p.name in slots}
            arguments = [Argument(p, slots[n], walk.span(found[n])) for n, p in parameters.items()]
            written = [texts[array], *(f"{n}={texts[n]}" for n in static if n in parameters)]
            text = f"{op}({', '.join(written)})"
            return walk.emitter.apply(rule, (slots[array],), arguments, place, text=text)
        function = walk.library[op]
        operands = tuple(
            slots[n] if n in slots else walk.emitter.literal(function.defaults[n], span)
            for n in function.parameters
        )
        return walk.emitter.call(function, operands, span)

    def step(slots: tuple[int, ...]) -> tuple[int, ...]:
        by_name = dict(zip(found, slots, strict=True))
        return tuple(made(op, by_name) for op in ops)

    return [Visit(found[array]), *uses], step
