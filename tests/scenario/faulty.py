"""Faulty files: of each message of the reader at least one, and how one is told in a language."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Final

from tests.chinese import WORDS, english
from tests.scenario.support import DOUBLE
from tui_backprop.language.catalogue import languages
from tui_backprop.language.message import Said
from tui_backprop.rules import RULES
from tui_backprop.scenario.fields import DOCUMENT
from tui_backprop.scenario.names import PHASES
from tui_backprop.scenario.update import RULE_NAMES, UpdateFields

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTED: Final = re.compile(
    r"“[^”]*”|'[^']*'|\"[^\"]*\"|--limit \w+=\d+|[\w.]+\([^（）]*\)"
    r"|return \w+|def \w+|name = \w+|C/groups"
)
"""What is quoted, and code."""

_KNOWN: Final = (
    *WORDS, *RULES, *DOCUMENT.keys, *PHASES, *languages(), "YAML", "Unicode", "ASCII", "Python",
    "float", "normal", "uniform", "true", "false", "fill", "random", "file", "zeros", "subscripts",
    "npy", "npz", "URI", *RULE_NAMES, "weight", "decay",
    *(f.name for f in fields(UpdateFields)),
)  # fmt: skip
"""That is no English: names, and words of the format."""


def with_key(line: str) -> str:
    """A scenario that is good but for one more line."""
    return f"{DOUBLE}{line}\n"


def with_leaf(leaf: str) -> str:
    """A scenario with a leaf of this form."""
    return f"format: 1\ninputs:\n  X: {leaf}\nprogram: |\n  Y = 2 * X\n"


def with_program(program: str) -> str:
    """A scenario with this program, of one line or several."""
    body = "".join(f"  {line}\n" for line in program.split("\n"))
    return f"format: 1\ninputs:\n  X: [1, 2, 3]\n  W: [[1, 2, 3], [4, 5, 6]]\nprogram: |\n{body}"


TEXTS: Final = (
    # YAML
    "", "# only a comment\n", "format: 1\ninputs: {X: [1, 2\n", "a: b: c\n", "a: ]\n", "a: }\n",
    "- a\nb: 1\n", "a: 'open\n", 'a: "\\q"\n', 'a: "\\x0g"\n', "a: @b\n", "a: `b\n", "a\nb: 1\n",
    "a: [1, 2}\n", "a: {b: 1]\n", "a: *b\n", "a: &b 1\n", "a: !!int 1\n", "a: !b 1\n", "a: !<x\n",
    "<<: {a: 1}\n", "a: 1\na: 2\n", "? [1]\n: 2\n", "%TAG ! x\n---\na: 1\n", "%FOO\n---\na: 1\n",
    "format: 1\n---\nformat: 1\n", "a: b\tc\n", "a:\n\tb: 1\n", "a: |\n\tb\n", "a: [b ? c]\n",
    "a: [b:]\n", "a: |#\n  b\n", "a: \x07\n", "a: " + "[" * 70 + "]" * 70 + "\n", 'a: "\\ud800"\n',
    "a: " + "1" * 500 + "\n", 'a: "\\UFFFFFFFF"\n', "a: |0\n  b\n", "a: >x\n  b\n",
    "  a: 1\n b: 2\n",
    "a: - 1\n", "a: b\n- c\n", "%YAML 1.2\n%YAML 1.2\n---\na: 1\n", "%YAML 1.1\n", "a: !x!y 1\n",
    "{a: 1}}\n", "- : - :\n", "---\n%\n", "a:\t1\n]\n", "&a\n", "&a &b c\n", "a: &\n", "a: *\n",
    # keys
    "1\n", "[]\n", "{}\n", "format: 2\n", "format: one\n", "format: true\n",
    "format: 1\ninputs: {X: 1}\n", "format: 1\nprogram: y = 1\n",
    DOUBLE.replace("inputs", "input"), with_key("Notes: []"), with_key("zzzz: 1"),
    with_key("mode: sideways"),
    with_key("tangent: {X: [1, 1, 1]}"),
    "format: 1\ninputs: {x: 1, w: 2}\nprogram: y = x * w\nmode: forward\n",
    with_key("title: [a]"), with_key("title: {}"), with_key("title: {fr: a}"), with_key("title: 1"),
    with_key("title: {en: 1}"), with_key("dtype: float16"), with_key("dtype: 64"),
    with_key("view: {zeros: Show}"), with_key("view: {zeros: nothing}"), with_key("view: 1"),
    with_key("view: {subscripts: 2}"), with_key("view: {subscripts: yes}"),
    with_key("view: {a: 1}"),
    with_key("source: {}"), with_key("source:"), with_key("source: true"),
    with_key("constants: 1"), with_key("constants:"), with_key("constants: {X: 1}"),
    with_key("constants: {sum: 1}"), with_key("constants: {a b: 1}"),
    with_key("constants: {None: 1}"),
    with_key("constants: {α: 1}"), with_key("constants: {__a: 1}"),
    with_key(f"constants: {{{'a' * 120}: 1}}"), "format: 1\ninputs: {}\nprogram: y = 1\n",
    "format: 1\ninputs:\nprogram: y = 1\n", "format: 1\ninputs: {X: 1}\nprogram: [1]\n",
    # leaves
    with_leaf("a"), with_leaf("[1, a]"), with_leaf("[true, 1]"),
    with_leaf("[[1, 2], [3]]"), with_leaf("[1, [2]]"),
    with_leaf("[[1], 2]"), with_leaf("1e999"), with_leaf("inf"), with_leaf("-Infinity"),
    with_leaf("nan"), with_leaf("1_000"), with_leaf("'1'"), with_leaf("[{}]"), with_leaf("{}"),
    with_leaf("{values: 1}"), with_leaf("{shape: [2]}"), with_leaf("{shape: 2, fill: 1}"),
    with_leaf("{shape: [a], fill: 1}"), with_leaf("{shape: [-1], fill: 1}"),
    with_leaf("{shape: [2], fill: a}"), with_leaf("{shape: [2], fill: 1e999}"),
    with_leaf("{shape: [2], random: Normal}"), with_leaf("{shape: [2], random: cauchy}"),
    with_leaf("{shape: [2], random: normal, seed: 1.5}"), with_leaf("{shape: [1.5], fill: 1}"),
    with_leaf("{shape: [100000, 1000], fill: 1}"), with_leaf("{fill: 1}"), with_leaf("''"),
    with_leaf("{shape: [" + "1, " * 40 + "1], fill: 1}"), with_leaf("[" * 40 + "1" + "]" * 40),
    with_key("dtype: float32").replace("[1, 2, 3]", "1e300"), with_leaf("{file: 1}"),
    with_leaf("{file: a.npy}"), with_leaf("1e400000"), with_leaf("{value: {}}"),
    with_leaf("{file: a.npz, key: [1]}"),
    DOUBLE.replace("  X: [1, 2, 3]\n", "".join(
        f"  X{k}: {{shape: [10000, 1000], fill: 1}}\n" for k in range(3))),
    # names
    with_key("backward: []"), with_key("backward: 1"), with_key("backward: {v: 1}"),
    with_key("backward: {of: y}"), with_key("backward: {of: qqqqq}"), with_key("backward: {of: 1}"),
    with_key("backward: {of: Y, v: [1, 2]}"), with_key("backward: {off: Y}"),
    with_key("backward: {zero_grad: false}"), with_key("backward: [1]"),
    with_key("backward: {zero_grad: true, of: Y}"),
    # update
    with_key("update: 1"), with_key("update: {}"), with_key("update: {rule: sgdm}"),
    with_key("update: {rule: sgd, of: 1}"), with_key("update: {rule: sgd, of: []}"),
    with_key("update: {rule: sgd, of: [1]}"), with_key("update: {rule: sgd, of: [x]}"),
    with_key("update: {rule: sgd, of: [X, X]}"), with_key("update: {rule: sgd, betas: [0.9, 1]}"),
    with_key("update: {rule: adam, momentum: 1}"), with_key("update: {rule: adam, betas: 1}"),
    with_key("update: {rule: adam, betas: [1, 1]}"), with_key("update: {rule: adam, betas: [1]}"),
    with_key("update: {rule: sgd, nesterov: true}"), with_key("update: {rule: sgd, steps: 0}"),
    with_key("backward: {zero_grad: true}\nupdate: {rule: sgd}"),
    with_key("mode: forward\nupdate: {rule: sgd}"),
    with_key("mode: forward\nquestions: [{at: Y.tangent, ask: sum}]"),
    with_key("expect: {updated: {X: 1}}"), with_key("expect: {loss: [1]}"),
    with_key("expect: {updated: {Y: 1}}\nupdate: {rule: sgd}"),
    with_key("expect: {loss: [1, 2]}\nupdate: {rule: sgd}"),
    with_key("expect: {updated: {X: [1, 2, 3]}, updated_after: 2}\nupdate: {rule: sgd}"),
    with_program("Y = sum(X[X > 1])") + "update: {rule: sgd}\n",
    with_program("Y = sum(X)") + "update: {rule: sgd, of: [W]}\n",
    with_program("Y = sum(X[0:2])") + "update: {rule: sgd, of: [Z]}\n",
    with_key("expect: {grad: {Y: 1}}"), with_key("expect: {values: {Z: 1}}"),
    with_key("expect: {values: {Y: [1, 2]}}"), with_key("expect: {rtol: -1}"),
    with_key("expect: 1"), with_key("expect: {values: 1}"), with_key("expect: {grad: 1}"),
    with_key("notes: 1"), with_key("notes: [{at: Y}]"), with_key("notes: [{at: foo bar, text: a}]"),
    with_key("notes: [{at: yy, text: a}]"), with_key("notes: ['a']"),
    with_key("notes: [{at: 'Y[9]', text: a}]"), with_key("notes: [{at: 'Y[+]', text: a}]"),
    with_key("notes: [{at: [], text: a}]"), with_key("notes: [{at: X.grad, text: 1}]"),
    with_key("claims: 1"), with_key("claims: [{}]"), with_key("claims: [{of: X, value: 1}]"),
    with_key("claims: [{of: 1, value: 1}]"), with_key("claims: [{partial: 1, value: 1}]"),
    with_key("claims: [{of: X.grad, value: [2, 2, 2], after: 2}]"),
    with_key("claims: [{of: X.grad, value: [2, 2, 2], after: 0}]"),
    with_key("claims: [{of: X.grad, value: [2, 2], holds: maybe}]"),
    with_key("claims: [{partial: {of: X.grad, wrt: X}, value: 1}]"),
    with_key("claims: [{partial: {of: Y, wrt: c}, value: [1, 1, 1]}]\nconstants: {c: 1}"),
    with_key("claims: [" + "{of: X.grad, value: [2, 2, 2]}, " * 201 + "]"),
    with_leaf("{shape: [2000], fill: 1}") + "claims: [{partial: {of: Y, wrt: X}, value: 1}]\n",
    with_key("backward: [{of: Y}, {of: Y}]\nclaims: [{of: X.grad, value: [1, 1, 1], after: 3}]"),
    with_key("questions: 1"), with_key("questions: [{at: Y, ask: name}]"),
    with_key("questions: [{at: Y, ask: value, hints: 1}]"), with_key("questions: [{at: Y}]"),
    with_key("questions: [{at: Y, ask: value, hints: [a, b, c, d]}]"),
    *(with_key(f"plant: {plant}") for plant in (
        "[1]", "1", "no", "{op: 1, bug: sign}", "{at: [], bug: sign}", "{bug: sign}", "{op: tanh}",
        "{at: Q, bug: sign}", "{op: tanh, bug: sign}", "{at: X, bug: sign}", "{at: Y, bug: sing}",
        "{at: Y, bug: sign, argument: -1}",
    )),
    with_key("breakpoints: 1"), with_key("breakpoints: [1]"),
    with_key("breakpoints: [" + "break Y, " * 101 + "]"),
    with_leaf("{shape: [1000, 1000], fill: 1}") + f"backward: [{'{of: Y}, ' * 40}]\n",
    'format: 1\ninputs: {X: 1}\nprogram: "y = x\\nz = Q"\n',
    "format: 1\ninputs: {X: 1}\nprogram: '# nothing'\n",
    # programs
    *map(with_program, (
        "Y = ReLU(X)", "Y = Q", "Y = X @ W", "Y = X +", "if X: Y = 1", "Y = X ^ 2", "import os",
        "Y = X.Sum()", "Y = sum(X, axis=5)", "Y = sum(X, axs=0)", "Y = sum()", "Y = X[5]",
        "Y = X[a]",
        "for t in X:\n  Y = t", "for t in range(10000000):\n  X = X + t",
        "def f(a):\n  a = 1\nY = X",
        "Y = (X", "Y = X)", "Y = 'a'", "Y = 0x1F", "Y = 1__0", "Y = X if X else X", "X[0] = 1",
        "Y = max(X, X)", "Y = reshape(X, (2, 2))", "Y = X + W[0, :2]", "Y = lambda: 1", "X", "=",
        "Y = $",
        "Y = X < 1 < 2", "Y = a\na = X", "range = 1", "None = X", "True = X", "a, b = X",
        "Y = f(1)",
        "f(X) = 1", "1 = X", "X + 1 = X", "Y = X.shape[9]", "for t in range(2):\nY = X", "Y = 1a",
        "def f(a):\nY = X", "for t in range(2):\n    Y = X\n  Z = X", "Y = (yield)", "Y = f(*X, X)",
        "Y = X if X", "Y = X for X", "Y := X", "del X", "Y = {", "Y = X?", "global X",
        "Y = f(a=1, 2)",
        "Y =X\n z = 1",
        "Y = 10 ** 400", "Y = 2 ** 100000", "Y = concatenate(X)", "Y = einsum('ij,k', X)",
        "Y = __import__('os')", "Y = X." + "T" * 30, "Y = zeros((10000, 10000))",
        "Y = softmax(X, axis=X)", "Y = where(X)", "Y = conv2d(X, X)",
    )),
)  # fmt: skip
"""That are no scenario."""


def messages_of(text: str) -> Iterator[str]:
    """The messages that a sentence is made of."""
    if isinstance(text, Said):
        yield text.message
        for value in text.values.values():
            if isinstance(value, str):
                yield from messages_of(value)


def stray(chinese: str, source: str = "") -> list[str]:
    """English in what is said of a file, beside what is quoted, keys, and the names in it."""
    names = re.findall(r"[\w.]+", source)
    return english(_QUOTED.sub("", chinese), [*_KNOWN, *names])
