"""The table as a whole, and the two ways to write a row."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import MutableMapping
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from tests.readme import NAMES_OF_OPS, relisted, rows
from tui_backprop.errors import RuleError
from tui_backprop.rules import RULES, TABLES, find, ops
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Domain, Example
from tui_backprop.rules.shapes import reduced_shape, reduced_sparsity, spread

FILES = [f"{path.parent.name}.{path.stem}" for path in Path(ops.__file__).parent.glob("*/[!_]*.py")]


@pytest.mark.parametrize("file", FILES)
def test_each_row_is_named_in_the_table(file: str) -> None:
    """A file's ops stand behind its name; a file without rows of its own is not there."""
    rows = getattr(import_module(f"tui_backprop.rules.ops.{file}"), "RULES", ())
    written = " ".join(rule.name for rule in rows)
    told = " ".join(names for listed, names in TABLES if listed == file)
    assert told == written, "python -m tests.readme writes the names of its rows"


def test_names_are_listed_from_the_rows() -> None:
    """A new one behind that before it in its file, a new file at the end; what is gone is gone."""
    text, found = NAMES_OF_OPS.read_text("utf-8"), rows()
    assert relisted(text, found) == text
    arithmetic = found["elementwise.arithmetic"]
    arithmetic.insert(arithmetic.index("remainder") + 1, "a" * 60)
    arithmetic.append("last")
    found["layout.joining"] = found.pop("reducing.norms")
    found["new"] = ["one", "two"]
    listed = relisted(text, found)
    assert max(map(len, listed.splitlines())) <= 100
    words = " ".join(listed.split())
    assert f" remainder {'a' * 60} " in words
    assert " last reducing.reductions " in words
    assert "\nlayout.joining             norm\n" in listed
    assert "stack" not in listed
    assert "\nreducing.norms " not in listed
    assert listed.partition('"""  #')[0].endswith("\nnew                        one two\n")


def test_no_name_is_given_twice() -> None:
    """Two rows of one name would hide each other."""
    names = " ".join(names for _, names in TABLES).split()
    assert sorted(names) == sorted(RULES)
    assert all(RULES[name].name == name for name in names)


def test_a_program_pays_for_the_ops_it_uses() -> None:
    """Finding one op imports its file and no other table."""
    code = (
        "import sys; from tui_backprop.rules import TABLES, find; find('tanh'); "
        "print(*{t for t, _ in TABLES if f'tui_backprop.rules.ops.{t}' in sys.modules})"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["elementwise.functions"]


def test_table_is_read_only() -> None:
    """Nobody adds an op at run time."""
    assert not isinstance(RULES, MutableMapping)


def test_find_gives_the_row() -> None:
    """By its name in programs."""
    assert find("tanh") is RULES["tanh"]


def test_unknown_op_names_the_nearest_and_the_list() -> None:
    """The message says what to type, and where all there are can be looked up."""
    with pytest.raises(RuleError, match=r"'tahn'; did you mean 'tanh'.*'tui-backprop ops' lists"):
        find("tahn")
    with pytest.raises(RuleError, match=r"^there is no op 'qqqq': 'tui-backprop ops' lists"):
        find("qqqq")


def test_missing_derivative_names_op_and_operand() -> None:
    """A stated absence is told from a mistake."""
    with pytest.raises(RuleError, match=r"'where' has no derivative .* 'condition' \(argument 0\)"):
        find("where").derivative(0)


@pytest.mark.parametrize("linear", [True, False])
def test_structural_row_is_linear_or_brings_its_jvp(linear: bool) -> None:
    """Both would contradict each other, neither would leave J·t unknown."""
    part = Part(
        linear=linear,
        jvp=(lambda t, _y, _x: t) if linear else None,
        vjp=lambda v, _y, x: spread(v, x.shape),
        sparsity=lambda _out, x: reduced_sparsity(x),
        entry=lambda *_: 1,
    )
    with pytest.raises(RuleError, match="'odd', argument 0: either linear=True or a jvp"):
        structural(
            "odd",
            "x",
            text="odd({x})",
            forward=lambda m, x: m.sum(x),
            shape=reduced_shape,
            parts=(part,),
            summary="",
            examples=(Example(((3,),)),),
        )


def test_domain_samples_an_open_interval_or_given_values() -> None:
    """Samples keep to the domain and have the shape asked for."""
    random = np.random.default_rng(0)
    drawn = Domain(0.5, 0.75).sample(random, (100,))
    assert drawn.min() >= 0.5
    assert drawn.max() <= 0.75
    assert set(Domain(values=(0.0, 1.0)).sample(random, (50,)).tolist()) == {0.0, 1.0}
    assert Domain().sample(random, ()).shape == ()


def test_sympy_stays_out() -> None:
    """A fresh interpreter reads the whole table without SymPy, Textual or Rich."""
    code = "import sys, tui_backprop.rules; print(*{m.split('.')[0] for m in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert not {"sympy", "textual", "rich"} & set(done.stdout.split())
