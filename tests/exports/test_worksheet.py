r"""Sheets for a class: blanks where the walk has numbers, the same sheet filled in beside it."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest
from markdown_it import MarkdownIt

import tui_backprop as tb
from tests.exports.support import exported, subject_of
from tests.render.latex import read_text
from tui_backprop.api import Scenario
from tui_backprop.cli import main
from tui_backprop.exports.formats import FORMATS
from tui_backprop.exports.worksheet import BLANK
from tui_backprop.render.formulas.latex_names import quantity
from tui_backprop.render.text.numbers import number
from tui_backprop.render.text.spans import printable
from tui_backprop.scenario.files import shipped
from tui_backprop.scenario.load import loads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = [path.stem for path in shipped()]


def answers_of(scenario: Scenario, language: str = "en", **options: object) -> str:
    """The sheet filled in."""
    subject = subject_of(scenario, language, answers="a", **options)
    return b"".join(FORMATS["worksheet"].write(subject, "answers")).decode()


@pytest.mark.few(6)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_answers_are_the_sheet_with_its_blanks_filled(name: str, language: str) -> None:
    """The same steps are asked and answered, in order; no blank is left over, none is missing."""
    scenario = tb.load(name)
    sheet, filled = exported(scenario, "worksheet", language), answers_of(scenario, language)
    steps = r"^\*\*(\d+)\.\*\*$"
    asked = re.findall(steps, sheet, re.MULTILINE)
    assert asked == re.findall(steps, filled, re.MULTILINE)
    assert len(asked) == len({*asked})
    assert BLANK not in filled
    rows = len([node for node in scenario.model.graph.nodes if node.parents])
    table = [line for line in sheet.splitlines() if line.startswith("| ")]
    assert sum(BLANK in line for line in table) == rows
    first = subject_of(scenario).timeline.at(0)
    updates = sum(int(k) >= first.steps.stop - first.updates.size for k in asked)
    assert bool(updates) == bool(first.updates.size)
    assert sheet.count(BLANK) >= rows + 5 * (len(asked) - updates) + 2 * updates


@pytest.mark.few(6)
@pytest.mark.parametrize("name", NAMES)
def test_every_edge_is_asked(name: str) -> None:
    """Of an edge with few partials each one is, of another the first and the last among them."""
    scenario = tb.load(name)
    timeline = subject_of(scenario).timeline.at(0)
    sheet = exported(scenario, "worksheet")
    asked = {int(k) for k in re.findall(r"^\*\*(\d+)\.\*\*$", sheet, re.MULTILINE)}
    for section in timeline.sections[1:]:
        if section.phase.value != "partial":
            continue
        walk = timeline.walk(section.pass_number)
        for edge in range(walk.route.edges):
            steps = walk.route.steps(edge)
            found = asked & {walk.start + k for k in steps}
            assert len(found) == min(len(steps), 3)


def test_a_sheet_of_a_training_asks_for_the_updates_of_its_first_iteration() -> None:
    """Each line of the rule with its formula and a blank; the answers are what Mazur prints."""
    scenario = tb.load("mazur-training")
    sheet, filled = exported(scenario, "worksheet"), answers_of(scenario)
    assert rf"\mathit{{w5}} \gets \mathit{{w5}} - \Delta = {BLANK}" in sheet
    assert r"\mathit{w5} \gets \mathit{w5} - \Delta = 0.4 - 0.0410835 \approx 0.358916" in filled
    assert "iteration 1 of 3" in sheet


TRAINED = """
format: 1
inputs: {w: [1, 2]}
program: loss = sum(w * w)
update: {steps: 2, lr: 0.5, rule: RULE}
"""


@pytest.mark.parametrize("latex", [False, True])
@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("sgd", [r"The rule is sgd, with $\mathit{lr} = 0.5$."]),
        (
            "sgd, weight_decay: 0.25",
            [r"$\mathit{lr} = 0.5$, $\mathit{weight}_{\mathrm{decay}} = 0.25$."],
        ),
        ("momentum", [r"is momentum, with $\mathit{lr} = 0.5$, $\mathit{momentum} = 0.9$."]),
        (
            "adam",
            [
                r"is adam, with $\mathit{lr} = 0.5$, $\beta_{1} = 0.9$, $\beta_{2} = 0.999$, ",
                r"$\varepsilon = 1 \times 10^{-8}$, $t = 1$.",
                "Before the first iteration $m = 0$, $s = 0$.",
            ],
        ),
    ],
)
def test_a_sheet_of_a_training_has_all_that_its_updates_read(
    rule: str, told: list[str], *, latex: bool
) -> None:
    """The rule by its name, each of its numbers, and what it starts from."""
    scenario = Scenario(loads(TRAINED.replace("RULE", rule)))
    asked = exported(scenario, "worksheet", latex=latex)
    for sheet in (asked, answers_of(scenario, latex=latex)):
        assert [line for line in told if line not in sheet] == []


def test_a_sheet_of_a_forward_walk_asks_for_tangents() -> None:
    """J times t, added to the tangent of the node; what comes out are tangents."""
    sheet, filled = (
        exported(tb.load("forward-mode"), "worksheet"),
        answers_of(tb.load("forward-mode")),
    )
    assert rf"\cdot t_{{2}} = {BLANK} \cdot {BLANK} = {BLANK}" in sheet
    assert rf"s.\mathrm{{tangent}}_{{2}} = {BLANK}" in sheet
    assert "## Forward from $x$" in sheet
    assert "## Tangents" in filled
    assert ".grad" not in sheet


def test_a_sheet_asks_for_slope_product_and_sum() -> None:
    """With the formula of what is differentiated; a first contribution is added to nothing."""
    sheet = exported(tb.load("vector-double"), "worksheet")
    first = sheet[sheet.index("**4.**") : sheet.index("**5.**")]
    assert rf"\left(2 \cdot x_{{1}}\right) = {BLANK}" in first
    assert rf"= {BLANK} \cdot {BLANK} = {BLANK}" in first
    assert rf"X.\mathrm{{grad}}_{{1}} = {BLANK}" + "\n" in first
    second = sheet[sheet.index("**5.**") : sheet.index("**12.**")]
    assert rf"X.\mathrm{{grad}}_{{1}} = {BLANK} + {BLANK} = {BLANK}" in second
    assert rf"\begin{{pmatrix}} {BLANK} & {BLANK} & {BLANK} \end{{pmatrix}}" in sheet


def test_notes_that_tell_results_are_with_the_answers() -> None:
    """All others stand in the sheet, between the questions that they are about."""
    scenario = tb.load("vector-double")
    sheet, filled = exported(scenario, "worksheet"), answers_of(scenario)
    for note in scenario.model.notes:
        words = note.text.get("en").split()[:4]
        told = re.compile(r"\s+".join(map(re.escape, words)))
        assert told.search(filled)
        assert bool(told.search(sheet)) == (note.place.kind not in {"end", "grad"})


TITLES = (
    r"\end{document} \input{/etc/passwd} $x$ 100% & #1 ~ ^ _a_ {",
    "<script>alert(1)</script> [a](javascript:x) | b | ``` # - 1. *",
    "]]> --> \\\\ \u2028 \x1b[31m \u202e",
)


def hostile(title: str) -> Scenario:
    """A scenario that says the title wherever an author may say something."""
    quoted = "".join(c if c.isprintable() and c not in '\\"' else f"\\u{ord(c):04x}" for c in title)
    return Scenario(
        loads(
            f'format: 1\ntitle: "{quoted}"\nsource: "{quoted}"\ninputs: {{x: [1.0, 2.0]}}\n'
            f'program: |\n  y = x * 2\nnotes: [{{at: y, text: "{quoted}"}}]\n'
        )
    )


@pytest.mark.parametrize("title", TITLES)
def test_what_an_author_wrote_stays_text_in_markdown(title: str) -> None:
    """As a reader of Markdown that allows HTML sees it."""
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = reader.parse(exported(hostile(title), "worksheet"))
    shown = " ".join(printable(title).split())
    inline = ["".join(c.content for c in t.children or []) for t in tokens if t.type == "inline"]
    assert inline[0] == shown
    is_one_line = len(title.splitlines()) == 1  # a note keeps the writer's own lines
    assert sum(shown in text for text in inline) == 2 + is_one_line
    assert not [t for t in tokens if "html" in t.type]
    assert sum(t.type == "table_open" for t in tokens) == 1


@pytest.mark.parametrize("title", TITLES)
def test_what_an_author_wrote_stays_text_in_latex(title: str) -> None:
    """No command and no end of the document comes from it."""
    written = exported(hostile(title), "worksheet", latex=True)
    assert written.count(r"\end{document}") == 1
    assert written.endswith("\\end{document}\n")
    assert read_text(written.rstrip("\n")).commands.count(r"\documentclass") == 1


ASKING = """
format: 1
inputs: {w: [0.5, -1], b: 0.3}
constants: {x: [1, 2]}
program: |
  z = w @ x + b
  h = tanh(z)
questions:
- {at: "w.grad[1]", ask: sum, text: {en: "How much arrives at w[1]?", zh: "w[1] 得到多少？"}}
- {at: z, ask: shape}
- {at: "dh/dz", ask: expression}
- {at: "dh/dz", ask: zero}
"""


@pytest.mark.parametrize("latex", [False, True])
@pytest.mark.parametrize("more", ["", "update: {rule: sgd, lr: 0.5, steps: 2}\n",
                                  "mode: forward\ntangent: {b: 1}\n",
                                  "plant: {op: tanh, bug: sign}\n"])  # fmt: skip
def test_the_questions_of_a_scenario_are_on_its_sheet(more: str, *, latex: bool) -> None:
    """At the end, each with a blank; in the order of the walk, and in their own words."""
    scenario = Scenario(loads(ASKING + more))
    sheet, key = (
        exported(scenario, "worksheet", latex=latex), answers_of(scenario, latex=latex),
    )  # fmt: skip
    asked, told = (text.partition("Questions")[2] for text in (sheet, key))
    for part in (asked, told):
        places = [part.index(words) for words in ("shape of z", "as a formula", "arrives at w")]
        assert places == sorted(places)
    assert asked.count(BLANK) == 4
    assert BLANK not in told
    assert told.count("the right answer: ") == 4
    assert "the right answer: yes" not in told
    assert "tanh" in told
    value = 2 * (1 - np.tanh(-1.2) ** 2)
    assert number(value).replace("−", "-") in told
    chinese = exported(scenario, "worksheet", "zh", latex=latex).replace("\\", "")
    assert "w[1] 得到多少？" in chinese
    assert "arrives" not in chinese


def test_a_shape_that_is_asked_for_stands_in_no_table() -> None:
    """The sheet without questions has it there."""
    row = r"^\| \d+ \| \$z\$ \|.*$"
    text = ASKING.replace("b: 0.3", "b: [0.3, 1]")
    for scenario, is_told in ((text, False), (text.partition("questions")[0], True)):
        found = re.search(row, exported(Scenario(loads(scenario)), "worksheet"), re.MULTILINE)
        assert found is not None
        assert ("(2,)" in found[0]) == is_told


SOFTMAX = """
format: 1
inputs:
  W: [[0.1, -0.2], [0.3, 0.4], [-0.5, 0.2]]
  b: [0, 0, 0]
constants:
  X: [[1, 2], [-1, 0.5]]
  Y: [[1, 0, 0], [0, 0, 1]]
program: |
  z = X @ W.T + b
  p = softmax(z, axis=1)
  loss = -mean(sum(Y * log(p), axis=1))
backward: {of: loss}
update: {rule: adam, lr: 0.5, steps: 6}
"""
MANY = """
format: 1
inputs: {x: {shape: SHAPE, fill: 0.123456}}
program: |
  y = exp(x) * -1e-7
  s = sum(y)
"""


def shaped(shape: str) -> Scenario:
    """A scenario with arrays of a shape, whose entries are long."""
    return Scenario(loads(MANY.replace("SHAPE", shape)))


def of_values(text: str) -> str:
    """The part of a sheet that has the values of the nodes."""
    return re.split(r"backward from|Backward from", text)[0]


@pytest.mark.parametrize("latex", [False, True])
@pytest.mark.parametrize("name", ["softmax", "mlp-2-3-1", "attention-head", "[3, 5]", "[2, 3, 4]"])
def test_every_number_of_a_value_is_on_the_sheet(name: str, *, latex: bool) -> None:
    """Those that are given on the sheet, all of them on the answers, with all their digits."""
    scenario = {"softmax": lambda: Scenario(loads(SOFTMAX))}.get(
        name, lambda: shaped(name) if name.startswith("[") else tb.load(name)
    )()
    trace = subject_of(scenario).timeline.at(0).trace
    for text, is_key in (
        (exported(scenario, "worksheet", latex=latex), False),
        (answers_of(scenario, latex=latex), True),
    ):
        part = of_values(text)
        assert "…" not in part
        shown = part.replace("−", "-").replace("$-$", "-").replace("{-}", "-")
        for node in trace.graph.nodes:
            if is_key or not node.parents:
                for x in trace.value(node.id).ravel():
                    assert quantity(x) in shown or number(x).replace("−", "-") in shown


def test_a_value_of_very_many_numbers_says_how_many_it_has() -> None:
    """And shows the first ones and the last."""
    key = of_values(answers_of(shaped("[10, 10]")))
    assert "$y$ has 100 entries, too many for a sheet: the first ones and the last." in key
    assert "$y_{1,1} = " in key
    assert "$y_{10,10} = " in key
    assert key.count("$y_{") < 10


def written_in_latex(scenario: Scenario, folder: Path) -> Iterator[Path]:
    """The files of a sheet and of its answers."""
    texts = {
        "sheet": exported(scenario, "worksheet", latex=True),
        "answers": answers_of(scenario, latex=True),
    }
    for called, text in texts.items():
        path = folder / f"{called}.tex"
        path.write_text(text, encoding="utf-8")
        yield path


@pytest.mark.few(2)
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs a TeX Live with pdflatex")
@pytest.mark.parametrize(
    "name", ["softmax", "mlp-2-3-1", "attention-head", "softmax-cross-entropy", "[3, 7]", "[12]"]
)
def test_latex_has_nothing_beyond_the_edge_of_the_paper(tmp_path: Path, name: str) -> None:
    """No box of the sheet or of the answers is overfull."""
    scenario = {"softmax": lambda: Scenario(loads(SOFTMAX))}.get(
        name, lambda: shaped(name) if name.startswith("[") else tb.load(name)
    )()
    for path in written_in_latex(scenario, tmp_path):
        for _ in range(2):  # a table knows the widths of its columns the second time
            subprocess.run(
                ["pdflatex", "-halt-on-error", "-no-shell-escape", path.name],
                cwd=tmp_path, capture_output=True, check=True, timeout=120,
            )  # fmt: skip
        log = path.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
        assert re.findall(r"^Overfull.*", log, re.MULTILINE) == []


@pytest.mark.few(1)
@pytest.mark.skipif(shutil.which("xelatex") is None, reason="needs a TeX Live with xelatex")
@pytest.mark.parametrize("name", ["mlp-2-3-1", "mazur-network", "zero-by-zero", "hostile"])
def test_latex_makes_pages_of_it(tmp_path: Path, name: str) -> None:
    """Both the sheet and the answers, without an error."""
    scenario = hostile(TITLES[0]) if name == "hostile" else tb.load(name)
    for path in written_in_latex(scenario, tmp_path):
        text = path.read_text(encoding="utf-8")
        engine = "pdflatex" if "Compile it with pdflatex" in text else "xelatex"
        command = [engine, "-halt-on-error", "-no-shell-escape", path.name]
        made = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=120)
        assert made.returncode == 0, made.stdout[-1500:].decode(errors="replace")
        assert path.with_suffix(".pdf").exists()


def test_the_command_writes_both_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """LaTeX has its own ending; neither takes the place of a file that is there."""
    monkeypatch.chdir(tmp_path)
    words = ["export", "chain", "--to", "worksheet", "--latex", "--answers", "done.tex"]
    assert main(words) == 0
    assert capsys.readouterr().out == "written: chain.tex\nwritten: done.tex\n"
    (tmp_path / "chain.tex").unlink()
    assert main(words) == 2
    assert "done.tex: the file is there already" in capsys.readouterr().err
    assert not (tmp_path / "chain.tex").exists()
    assert main([*words, "--force"]) == 0
