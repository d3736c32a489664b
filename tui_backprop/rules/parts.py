"""The rows of the op table as parts of a composed op.

What is known of an op at a special point, and what frameworks give there, is not said of an op that
is made of it: relu6 is a clip here, and its slope at 6 is not what a framework gives for clip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import replace
from tui_backprop.rules.changed import ChangedRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.rules.rule import Rule

PARTS: Final[Mapping[str, Rule]] = ChangedRules(lambda rule: replace(rule, is_part=True))
