"""The file: page.html with the style, the scripts and the walk put into it.

Nothing in it is loaded from anywhere, and its policy forbids that anything be; only the script that
is ours may run. What a scenario holds reaches the page as data, and as text of elements.
"""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any, Final

from tui_backprop.exports.page.walk import walk_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.exports.subject import Subject

_SCRIPTS: Final = ("numbers.js", "read.js", "words.js", "equations.js", "draw.js", "page.js")
"""In the order in which they need each other."""


def html(subject: Subject) -> Iterator[str]:
    """The page.

    Raises:
        TuiBackpropError: the walk is too long for one.
    """
    walk = walk_of(subject)
    style = _asset("page.css")
    script = '(() => {\n"use strict";\n' + "\n".join(map(_asset, _SCRIPTS)) + "})();\n"
    shown = walk["language"]
    yield Template(_asset("page.html")).substitute(
        language=escape(walk["languages"][shown]["code"]),
        title=escape(walk["title"][shown]),
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'",
        style=style,
        no_script=escape(walk["labels"][shown]["noScript"]),
        walk=_as_data(walk),
        script=script,
    )


def _asset(name: str) -> str:
    return files(__package__).joinpath("assets", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """A text as a content security policy names it."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _as_data(value: Any) -> str:
    """JSON that ends no script element, whatever texts are in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
