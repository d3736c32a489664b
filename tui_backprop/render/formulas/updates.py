"""The update of an entry as LaTeX: the lines that the step pane writes in a terminal's signs."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from tui_backprop.render.formulas.latex_names import quantity, symbol
from tui_backprop.render.text.updates import WORDS, Written, written_update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_backprop.render.formulas.latex_names import LatexNamer
    from tui_backprop.timeline.timeline import Frame


_ROOT: Final = re.compile(r"√\{([^{}]+)\}")
_READ: Final = re.compile(r"\{([^{}]+)\}")
_SIGNS: Final = str.maketrans({"·": r" \cdot ", "−": "-", "²": "^2"})
_LETTERS: Final = {
    "beta1": r"\beta_{1}", "beta2": r"\beta_{2}", "eps": r"\varepsilon", "Δ": r"\Delta",
    "lr": r"\mathit{lr}",
}  # fmt: skip


def latex_update(frame: Frame, namer: LatexNamer, blank: str = "") -> Iterator[str]:
    """Each line of the update of a frame's entry: the formula, the numbers, what it comes to.

    Args:
        frame: of the update.
        namer: of the nodes of its graph.
        blank: stands in the place of the result, and the numbers are left out; empty for neither.
    """
    for line in written_update(frame):
        named = _filled(line.template, lambda name: _symbol(name, frame, namer))
        becomes = r"\gets" if line.is_kept else "="
        parts = [f"{_symbol(line.symbol, frame, namer)} {becomes} {named}"]
        if blank:
            yield " ".join([*parts, f"= {blank}"])
            continue
        numbers = _filled(line.template, partial(_number, line))
        result = quantity(line.value)
        if numbers != result:
            parts.append(f"= {numbers}")
        equal = "=" if line.is_exact else r"\approx"
        yield " ".join([*parts, f"{equal} {result}"])


def latex_settings(frame: Frame, namer: LatexNamer) -> tuple[list[str], list[str]]:
    """The numbers of the rule that the lines of an update read, and what they start from, each 0.

    Args:
        frame: of an update of the first iteration, in which what is kept has its start.
        namer: of the nodes of its graph.

    Returns:
        ``lr = 0.5`` of each setting, also of one that only later iterations read; ``m = 0``.
    """
    updates = frame.timeline.updates
    update = updates.update
    if update is None:
        raise AssertionError("there are updates where something is trained")
    lines = [*written_update(frame)]
    read = {name for line in lines for name in line.read}
    settings = {name: x for name, x in update.settings.items() if name in read or x}
    settings.pop("nesterov", None)  # no number: another formula
    if "t" in read:
        settings["t"] = updates.number + 1
    starts = [line.symbol for line in lines if line.is_kept and line.symbol in line.read]
    return (
        [f"{_symbol(name, frame, namer)} = {quantity(x)}" for name, x in settings.items()],
        [f"{_symbol(name, frame, namer)} = 0" for name in starts if name != "w"],
    )


def _symbol(name: str, frame: Frame, namer: LatexNamer) -> str:
    if name == "w":
        return namer.entry(frame.node.id, frame.column)
    if name == "grad":
        return namer.gradient_entry(frame.node.id, frame.column)
    base = name.removesuffix("′")
    if base in WORDS and namer.names.binds(base):
        name = name.replace(base, WORDS[base])
    return _LETTERS.get(name) or symbol(name)


def _number(line: Written, name: str) -> str:
    text = quantity(line.read[name])
    return rf"\left({text}\right)" if text.startswith("-") else text


def _filled(template: str, text: Callable[[str], str]) -> str:
    """The template in LaTeX's signs, with a text for each name."""
    rooted = _ROOT.sub(r"\\sqrt{{{\1}}}", template.translate(_SIGNS))
    powered = rooted.replace("}^{t}", "}^{{t}}")
    return _READ.sub(lambda found: text(found[1]), powered)
