"""Texts of scenarios: valid ones over all keys of the format, and what is nearly one."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from hypothesis import strategies as st

from tests.fuzz.changed import WILD, changed
from tests.fuzz.effort import LIMITS
from tests.fuzz.programs import NAMES, drafts
from tests.program.test_laws import PIECES
from tests.render.hostile import texts
from tui_backprop.api import Scenario
from tui_backprop.errors import ScenarioError
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fuzz.programs import Draft
    from tui_backprop.rules.types import Array, Shape

KEYS: Final = (
    "format: 1\n", "dtype: float32\n", "dtype: float16\n", "inputs: {}\n", "constants: {q: 1}\n",
    "backward: []\n", "backward: {zero_grad: true}\n", "view: {zeros: show}\n", "claims: []\n",
    "notes: [{at: end, text: x}]\n", "breakpoints: [break]\n", "expect: {grad: {x: 1}}\n",
    "{shape: [2, 3], fill: 0}", "{shape: [3], random: normal, seed: 7, scale: 0.1}",
    "{shape: [2000, 2], fill: 1}", "{value: [1, 2]}", "{file: w.npz, key: W}", "{shape: [-1]}",
    "{shape: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], fill: 1}", "[[1, 2], [3]]",
    "[]", "[[]]", "[[], []]", "!!python/name:os.system", "&a 1", "*a", "<<: {}", "---\n", "...\n",
    "%YAML 1.1\n---\n", "|\n  ", ">-\n  ", "? ", "0x1F", "0o17", "1_000", "+.inf", ".NaN", "1e",
    "~",
    "for t in range(3):\n    ", "def f(a):\n    return a\n", "import os", "x.__class__",
    "range(2001)", "10 ** 400", "2 ** 10001", "einsum('i,j->ij', ", "softmax(", "[0]", "x = x + 1",
)  # fmt: skip
"""Of the format and of the language, whether they fit or not."""

PLACES: Final = ("end", "seed", "build", "backward", "zero_grad", "{}", "{}.grad", "{}.grad[0]")
STOPS: Final = (
    "break {}", "watch {}.grad", "watch norm(v)", "tbreak step 3", "break if step > 4",
    "break write {}.grad[0]", "disable 1", "ignore 1 2", "break if X > 1", "condition 1 step > 2",
)  # fmt: skip


def _number(value: float, bits: int) -> str:
    """As YAML's core schema writes it; what a float32 cannot hold becomes an infinity first."""
    with np.errstate(all="ignore"):
        value = float(np.float32(value)) if bits == 32 else float(value)
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    return repr(int(value)) if value.is_integer() and 0 < abs(value) < 1e15 else repr(value)


def written(array: Array, bits: int = 64) -> str:
    """An array as a leaf."""
    if 0 in array.shape:
        return f"{{shape: {list(array.shape)}, fill: 0}}"
    if not array.ndim:
        return _number(float(array), bits)
    return f"[{', '.join(written(part, bits) for part in array)}]"


def _leaves(found: Mapping[str, Array], bits: int) -> str:
    return "{" + ", ".join(f"{name}: {written(a, bits)}" for name, a in found.items()) + "}"


@st.composite
def _seeds(draw: st.DrawFn, shape: Shape, *, tame: bool) -> str:
    """v, or nothing."""
    if not draw(st.integers(0, 2)):
        return ""
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    value = np.asarray(random.integers(-2, 3, shape), float)
    if not tame and not draw(st.integers(0, 5)):
        value = np.full(shape, draw(st.sampled_from([np.nan, np.inf, 0.0, 1e308])))
    return f", v: {written(value)}"


@st.composite
def _passes(draw: st.DrawFn, draft: Draft) -> str:
    """One pass or several, mostly from the last name."""
    names = [n for n in draft.shapes if n not in draft.inputs or not draw(st.integers(0, 4))]
    last = draft.lines[-1].strip().partition(" ")[0].rstrip(",")
    items = []
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(names or list(draft.shapes)))
        name = last if draw(st.integers(0, 2)) and last in draft.shapes else name
        seed = draw(_seeds(draft.shapes[name], tame=draft.is_smooth))
        items.append(f"{{of: {name}{seed}}}")
        if not draw(st.integers(0, 3)):
            items.append("{zero_grad: true}")
    return items[0] if len(items) == 1 else f"[{', '.join(items)}]"


def quoted(text: str) -> str:
    """A text that YAML takes as it is."""
    return json.dumps("".join(c for c in text if c.isprintable()), ensure_ascii=False)


@st.composite
def documents(draw: st.DrawFn, *, smooth: bool = False, most: int = 6) -> str:
    """A scenario that is valid, unless a program says what only its reader can refuse."""
    draft = draw(drafts(smooth=smooth, most=most))
    bits = 64 if smooth or draw(st.integers(0, 3)) else 32
    lines = ["format: 1", f"inputs: {_leaves(draft.inputs, bits)}"]
    if draft.constants:
        lines.append(f"constants: {_leaves(draft.constants, bits)}")
    if bits == 32:
        lines.append("dtype: float32")
    body = "\n".join(f"  {line}" for line in draft.lines)
    lines.append(f"program: |\n{body}")
    if draw(st.integers(0, 3)):
        lines.append(f"backward: {draw(_passes(draft))}")
    lines += draw(_words(draft))
    return "\n".join(lines) + "\n"


@st.composite
def _words(draw: st.DrawFn, draft: Draft) -> list[str]:
    """What is said and shown, and where it stops."""
    names = list(draft.inputs)
    found = []
    if draw(st.booleans()):
        found.append(f"title: {{en: {quoted(draw(texts))}, zh: {quoted(draw(texts))}}}")
    if draw(st.booleans()):
        found.append(f"view: {{zeros: {draw(st.sampled_from(['show', 'skip']))}, "
                     f"subscripts: {draw(st.integers(0, 1))}}}")  # fmt: skip
    if not draw(st.integers(0, 2)):
        name = draw(st.sampled_from(names))
        at = draw(st.sampled_from(PLACES)).format(name)
        found.append(f"notes: [{{at: {quoted(at)}, text: {quoted(draw(texts))}}}]")
    if not draw(st.integers(0, 2)):
        name = draw(st.sampled_from(names))
        stops = ["break if step > 9", *draw(st.lists(st.sampled_from(STOPS), max_size=3))]
        found.append(f"breakpoints: [{', '.join(quoted(s.format(name)) for s in stops)}]")
    return found


def valid_documents(*, smooth: bool = False, most: int = 6) -> st.SearchStrategy[str]:
    """Those that their reader takes."""
    return documents(smooth=smooth, most=most).filter(_is_read)


def opened(text: str) -> Scenario:
    """A text that was read, and whose breakpoints can be set.

    Raises:
        ScenarioError: it cannot be read, or they cannot be set.
    """
    found = Scenario(loads(text, "drawn.yaml", None, LIMITS), LIMITS)
    found.session()
    return found


def _is_read(text: str) -> bool:
    try:
        opened(text)
    except ScenarioError:
        return False
    return True


def near_documents() -> st.SearchStrategy[str]:
    """A scenario with a few edits, or lines of the format in any order."""
    pieces = (*WILD, *KEYS, *PIECES.split(" "), *NAMES)
    loose = st.lists(st.sampled_from(KEYS) | st.sampled_from(WILD), max_size=8).map("".join)
    edited: Any = documents(most=3).flatmap(lambda text: changed(text, pieces))
    return st.one_of(edited, edited, edited, loose, st.text(max_size=60))
