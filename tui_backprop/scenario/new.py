"""A first scenario, with a word on each part of it, as a file that nobody has yet.

Its comments, its title and its note are in the person's language.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_backprop.errors import TuiBackpropError
from tui_backprop.files import open_empty
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from tui_backprop.language.catalogue import Language

_ENDINGS: Final = frozenset({".yaml", ".yml"})
_LONGEST: Final = 100
_UNUSABLE: Final = frozenset('<>:"|?*\\')
"""Characters that some system allows in no name of a file."""

_PARTS: Final = (
    (
        (said("A scenario: numbers, a program, and what is pulled back through it."),),
        "format: 1",
    ),
    ((), "title: TITLE\n"),
    (
        (
            said("Leaves with a gradient, in the order in which they are shown."),
            said("A leaf is a number, a list, or one of the two:"),
            "{shape: [2, 3], random: normal, seed: 7, scale: 0.1}",
            "{file: weights.npz, key: W}",
        ),
        "inputs:\n  W: [[1, 2], [3, 4]]\n  b: [0.5, -0.5]\n",
    ),
    (
        (said("Leaves without a gradient."),),
        "constants:\n  x: [1, -1]\n  t: [0, 1]\n",
    ),
    (
        (
            said("What is computed, under NumPy's names: {command} lists the functions.",
                 command="`tui-backprop ops`"),
            said("What repeats may stand in {loop} or {function}.",
                 loop="for k in range(3):", function="def f(a):"),
        ),
        "program: |\n  h = tanh(W @ x + b)\n  loss = mean((h - t) ** 2)\n",
    ),
    (
        (
            said("Where the backward pass begins, from one number. Of an array write {example}.",
                 example="{of: h, v: [1, 0]}"),
        ),
        "backward: {of: loss}\n",
    ),
    (
        (
            said("Numbers of yours, which {command} compares with what comes out.",
                 command="`tui-backprop check`"),
        ),
        "expect:\n  values: {loss: 1.92157106770}\n  rtol: 1e-9\n",
    ),
    (
        (
            said("Narration, hung on a name of the program, or on one of {places}.",
                 places="build, seed, backward, end"),
        ),
        "notes:\n  - at: build\n    text: FIRST\n  - at: h\n    text: SECOND",
    ),
)  # fmt: skip
"""Comments, and what they stand above."""

_TEXTS: Final = {
    "TITLE": said("My first scenario"),
    "FIRST": said("Change this file in an editor: when it is saved, r loads it again."),
    "SECOND": said("W.grad is the outer product of what comes back here and x."),
}


def text_in(spoken: Language) -> str:
    """The text of the file, which explains itself in a language."""
    lines: list[str] = []
    for comments, part in _PARTS:
        lines += (f"# {spoken.retold(comment)}" for comment in comments)
        lines.append(part)
    text = "\n".join(lines) + "\n"
    for place, sentence in _TEXTS.items():
        text = text.replace(place, json.dumps(spoken.retold(sentence), ensure_ascii=False))
    return text


def path_of(name: str) -> Path:
    """Where a new scenario of that name goes; ``net`` is ``net.yaml``.

    Raises:
        TuiBackpropError: no scenario can have that name.
    """
    path = Path(name)
    base = path.name
    if path.suffix and path.suffix not in _ENDINGS:
        raise TuiBackpropError(
            said("{name}: a scenario ends in .yaml or .yml: name it so", name=name)
        )
    is_good = base.isprintable() and not _UNUSABLE & {*base} and len(base) <= _LONGEST
    if not is_good or base != base.strip() or base[:1] in {"", "-", ".", "~"} or name[-1:] == "/":
        raise TuiBackpropError(
            said("'{name}' is no name for a file: write one such as net, or net.yaml", name=name)
        )
    return path if path.suffix else path.with_name(f"{base}.yaml")


def write_new(name: str, spoken: Language) -> Path:
    """Write a first scenario.

    Args:
        name: of the file, with its ending or without.
        spoken: the language that it explains itself in.

    Returns:
        The file.

    Raises:
        TuiBackpropError: no scenario can have that name, or there is something already.
    """
    path = path_of(name)
    text = text_in(spoken)
    with open_empty(path) as stream:
        stream.write(text.encode())
    return path
