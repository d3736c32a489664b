"""Scenarios that are wrong, useless or hostile, each as the bytes of a file.

What they share: a clear error, exit status 2, no traceback, seconds and megabytes, and nothing in
them is ever executed.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SENTINEL: Final = "executed"
"""A file that would appear beside the scenario if anything in it were run."""

_TOUCH: Final = f"__import__('pathlib').Path('{SENTINEL}').touch()"


def _program(*lines: str, inputs: str = "{X: [1, 2, 3]}") -> bytes:
    body = "".join(f"  {line}\n" for line in lines)
    return f"format: 1\ninputs: {inputs}\nprogram: |\n{body}".encode()


def _leaf(value: str) -> bytes:
    return _program("Y = 2 * X", inputs=f"{{X: {value}}}")


def _key(line: str) -> bytes:
    return _program("Y = 2 * X") + line.encode() + b"\n"


FILES: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "empty": b"",
        "blank": b"\n\n# nothing\n",
        "binary": bytes(range(256)) * 8,
        "not UTF-8": "title: d\xe9riv\xe9e\n".encode("latin-1"),
        "UTF-16": "format: 1\n".encode("utf-16"),
        "not a mapping": b"- 1\n- 2\n",
        "YAML that is none": b"format: [1\ninputs: }\n",
        "duplicate key": _key("format: 1"),
        "duplicate input": _program("Y = X", inputs="{X: 1, X: 2}"),
        "unknown key": _key("progam: Y = X"),
        "wrong format": b"format: 7\nprogram: Y = 1\n",
        "Python tag": _key(f'title: !!python/object/apply:eval ["{_TOUCH}"]'),
        "Python name tag": _leaf("!!python/name:os.system"),
        "second document": _key("---\nformat: 1"),
        "merge key": _key("<<: {format: 1}"),
        "alias": _key("title: &t x\nsource: *t"),
        "65 brackets": _leaf("[" * 65 + "]" * 65),
        "65 braces": b"{a: " * 65 + b"1" + b"}" * 65,
        "65 indents": b"".join(b" " * k + b"a:\n" for k in range(65)),
        "65 dashes": b"- " * 65 + b"1\n",
        "ragged list": _leaf("[[1, 2], [3]]"),
        "words for numbers": _leaf("[one, two]"),
        "a word for a number": _leaf("no"),
        "a shape that does not fit": _program("Y = X + W", inputs="{X: [1, 2], W: [1, 2, 3]}"),
        "a product that does not fit": _program("Y = X @ W", inputs="{X: [[1, 2]], W: [1, 2, 3]}"),
        "a v that does not fit": _key("backward: {of: Y, v: [1, 2]}"),
        "an expectation that does not fit": _key("expect: {grad: {X: [[1]]}}"),
        "a claim about nothing": _key("claims: [{of: Z.grad, value: 1}]"),
        "a claim that does not fit": _key("claims: [{of: X.grad, value: [1, 2]}]"),
        "a claim of nothing": _key("claims: [{}]"),
        "a claim of 10⁷ rows": _program("Y = 2 * X", inputs="{X: {shape: [3000], fill: 1}}")
        + b"claims: [{partial: {of: Y, wrt: X}, value: {shape: [3000, 3000], fill: 2}}]\n",
        "1,000 claims": _key(f"claims: [{', '.join(['{of: X.grad, value: [1, 2, 3]}'] * 1000)}]"),
        "of nothing": _key("backward: {of: Z}"),
        "unknown function": _program("Y = tahn(X)"),
        "unknown name": _program("Y = 2 * Z"),
        "used before it is assigned": _program("Y = Z", "Z = X"),
        "syntax": _program("Y = 2 *"),
        "dunder access": _program("Y = X.__class__.__mro__"),
        "dunder name": _program("Y = __import__"),
        "attribute": _program("Y = X.ctypes"),
        "import": _program("import os"),
        "import from": _program("from os import system"),
        "import call": _program(f"Y = {_TOUCH}"),
        "eval": _program(f'Y = eval("{_TOUCH}")'),
        "lambda": _program("f = lambda x: x", "Y = f(X)"),
        "comprehension": _program("Y = [x for x in X]"),
        "generator": _program("Y = sum(x for x in X)"),
        "f-string": _program('Y = f"{X}"'),
        "string": _program('Y = "X"'),
        "while": _program("while 1:", "    Y = X"),
        "class": _program("class A:", "    pass"),
        "with": _program("with X as Y:", "    pass"),
        "walrus": _program("Y = (Z := X)"),
        "star": _program("Y = sum(*X)"),
        "global": _program("global X"),
        "delete": _program("del X"),
        "recursion": _program("def f(a):", "    return f(a)", "Y = f(X)"),
        "mutual recursion": _program(
            "def f(a):", "    return g(a)", "def g(a):", "    return f(a)", "Y = f(X)"
        ),
        "growing definitions": _program(
            "def f0(a):",
            "    return a * a",
            *(
                line
                for k in range(1, 60)
                for line in (f"def f{k}(a):", f"    return f{k - 1}(a) + f{k - 1}(a)")
            ),
            "Y = f59(X)",
        ),
        "10¹² rounds": _program("for t in range(1000000000000):", "    X = X * X", "Y = X"),
        "nested rounds": _program(
            *("    " * k + f"for t{k} in range(1000):" for k in range(8)), "    " * 8 + "X = X + 1"
        ),
        "empty rounds": _program(
            *("    " * k + f"for t{k} in range(1000):" for k in range(6)),
            "    " * 6 + "for s in range(0):",
            "    " * 7 + "X = X + 1",
            "Y = X",
        ),
        "an exponent of 10,001": _program("Y = X * 2**10001"),
        "a power of 401 digits": _program("Y = X * 10**400"),
        "401 digits": _program(f"Y = X * {'7' * 401}"),
        "401 digits in a leaf": _leaf("7" * 401),
        "hexadecimal digits": _program("Y = X * 0xff"),
        "65 parentheses": _program(f"Y = {'(' * 65}X{')' * 65}"),
        "66 minus signs": _program(f"Y = {'-' * 66}X"),
        "301 attributes": _program(f"Y = X{'.T' * 301}"),
        "301 factors": _program(f"Y = X{' * X' * 301}"),
        "an outer product of 10¹³": _program(
            "Y = A[:, None] * B",
            inputs="{A: {shape: [3200000], fill: 1}, B: {shape: [3200000], fill: 1}}",
        ),
        "a call of outer": _program(
            "Y = outer(A, B)",
            inputs="{A: {shape: [3200000], fill: 1}, B: {shape: [3200000], fill: 1}}",
        ),
        "an einsum of 10¹³": _program(
            "Y = einsum('i,j->ij', A, B)",
            inputs="{A: {shape: [3200000], fill: 1}, B: {shape: [3200000], fill: 1}}",
        ),
        "a tile of 10¹³": _program("Y = tile(X, 10000000000000)"),
        "a repeat of 10¹³": _program("Y = repeat(X, 10000000000000)"),
        "a pad of 10¹³": _program("Y = pad(X, 10000000000000)"),
        "a diagonal 10¹³ away": _program("Y = diag(X, 10000000000000)"),
        "a quoted program": _program("Y = einsum('__import__(os)', X)"),
        "a reshape of 10¹³": _program("Y = reshape(X, (10000000, 1000000))"),
        "a leaf of 10¹³": _leaf("{shape: [3200000, 3200000], fill: 1}"),
        "a random leaf of 10¹³": _leaf("{shape: [10000000000000], random: normal, seed: 1}"),
        "a file outside": _leaf("{file: ../../etc/passwd, key: X}"),
        "an absolute file": _leaf("{file: /etc/passwd, key: X}"),
        "a file that is not there": _leaf("{file: weights.npz, key: X}"),
        "a device": _leaf("{file: /dev/zero, key: X}"),
        "NUL in the program": b'format: 1\ninputs: {X: 1}\nprogram: "Y = X\\0"\n',
        "escape sequences in a key": b'"\x1b]0;owned\x07": 1\n',
        "escape sequences in a program": _program("Y = X \x9b31m"),
    }
)

HEAVY: Final = (
    "65 brackets",
    "growing definitions",
    "10¹² rounds",
    "empty rounds",
    "an exponent of 10,001",
    "an outer product of 10¹³",
)
"""Those that would eat time or memory; each is given a process of its own."""
