"""What is done where a definition that comes with the program is entered.

Its static arguments are of the kinds that it says, and a list that is given for an array is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.errors import ArgumentError
from tui_backprop.graph.model import Node
from tui_backprop.program.code.constants import Static
from tui_backprop.program.code.instructions import TRUTH
from tui_backprop.program.code.kinds import checked
from tui_backprop.program.text.problems import ProblemError
from tui_backprop.rules.rule import Parameter

if TYPE_CHECKING:
    from tui_backprop.program.code.constants import Value
    from tui_backprop.program.code.instructions import Branch, Call, Code, Function
    from tui_backprop.program.running.resolve import Resolver


def enter(values: Resolver, call: Call, frame: list[Value]) -> None:
    """Begin a composed op, whose arguments are the first values of a frame.

    Raises:
        ProblemError: an argument is of another kind, where it was written.
    """
    function = call.function
    for number, name in enumerate(function.parameters):
        value = frame[number]
        if not isinstance(value, Static):
            continue
        if name in function.kinds:
            frame[number] = _of_kind(function, name, value)
        elif isinstance(value.value, list | tuple) and name not in function.lists:
            frame[number] = values.operand(value, call.span)
    values.tape.begin(call, frame)


def _of_kind(function: Function, name: str, value: Static) -> Static:
    try:
        found = checked(Parameter(name, function.kinds[name]), value.value)
    except ArgumentError as error:
        raise ProblemError(value.span, str(error)) from None
    return value if found is value.value else Static(found, value.span, is_shared=True)


def chosen(branch: Branch, value: Node | Static) -> Code:
    """The code that runs where the test has a value."""
    found = value if isinstance(value, Node) else value.value
    holds = bool(found) if branch.wanted is TRUTH else found == branch.wanted
    return branch.codes[0 if holds == branch.is_equal else 1]
