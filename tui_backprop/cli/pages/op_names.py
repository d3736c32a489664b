"""What a name of a function is: a row of the op table, a composed op, or neither of them."""

from __future__ import annotations

from tui_backprop.program.library.definitions import definitions
from tui_backprop.program.vocabulary.aliases import ALIASES
from tui_backprop.program.vocabulary.makers import NAMES
from tui_backprop.rules import RULES
from tui_backprop.rules.rule import no_such_rule
from tui_backprop.spelling import near


def own_name(name: str) -> str:
    """The op's own name, where it was called by another.

    Returns:
        The name of a row, of a composed op, or of a function of `makers`.

    Raises:
        RuleError: no function of a program is called so; the message names the nearest.
    """
    own = ALIASES.get(name, name)
    if own not in RULES and own not in definitions() and own not in NAMES:
        known = (*RULES, *definitions(), *ALIASES, *sorted(NAMES))
        raise no_such_rule(own, near(own, known, most=3))
    return own
