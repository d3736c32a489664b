"""What the op table says in words, for `pybabel extract`.

Summaries, conventions, reasons and traits stand in the rows, and some rows are written by
functions: the table that they make is asked, and not its files. Composed ops say theirs in the
comments above their definitions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_backprop.program.library.definitions import definitions
from tui_backprop.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping


def extract_op_table(
    _file: object,
    _keywords: Mapping[str, object],
    _comment_tags: Collection[str],
    options: Mapping[str, Any],
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Line, function, message and comments of every text, as Babel asks for them."""
    whole = (r.extras.of(r.extras.names) for r in RULES.values() if r.extras is not None)
    for rule in (*RULES.values(), *whole):
        reasons = (reason.text for reason in rule.reasons)
        for text in (rule.summary, rule.convention, *reasons, rule.traits.alone):
            if text:
                yield 1, None, text, [rule.name]
    for op in definitions().values():
        for text in filter(None, (op.summary, op.convention, *op.refusals)):
            yield 1, None, text, [op.name]
