"""JSON Schema of format 1, derived from the table of keys.

It stands apart from the table because only editors ask for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui_backprop.scenario.fields import DOCUMENT

if TYPE_CHECKING:
    from tui_backprop.scenario.kinds import Schema

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> Schema:
    """The schema, draft 2020-12.

    It cannot say what depends on other parts of a file: that the rows of a list are equally long,
    that shapes fit, that a name is one of the program's.
    """
    definitions: Schema = {}
    schema = DOCUMENT.schema(definitions)
    title = "tui-backprop scenario, format 1"
    return {"$schema": DIALECT, "title": title, **schema, "$defs": definitions}
