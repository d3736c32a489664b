"""What the machine can do, beside what it may be asked."""

from __future__ import annotations

from typing import get_args

from tui_backprop.program.code.instructions import Step
from tui_backprop.program.running.making import MAKE
from tui_backprop.program.running.steps import EXECUTE
from tui_backprop.program.vocabulary.makers import NAMES, SEVERAL


def test_every_kind_of_step_is_executed() -> None:
    """Only a loop or a call enters another code; nothing else falls through to the machine."""
    assert EXECUTE.keys() == set(get_args(Step))


def test_every_function_that_is_no_op_is_computed() -> None:
    """Those whose several results are ops of their own need nothing else."""
    assert MAKE.keys() == NAMES - SEVERAL.keys()
