r"""A reader of LaTeX that knows what the product may write, and refuses everything else.

It stands in for TeX, which tests do not need: groups, environments and mathematics close in order,
rows of a matrix are equally long, every command is one that the packages define, and nothing
special stands bare.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_GREEK = r"""\alpha \beta \gamma \delta \epsilon \varepsilon \zeta \eta \theta \iota \kappa
    \lambda \mu \nu \xi \pi \rho \sigma \tau \upsilon \phi \chi \psi \omega \Gamma \Delta \Theta
    \Lambda \Xi \Pi \Sigma \Upsilon \Phi \Psi \Omega"""
_MATHEMATICS = r"""\dfrac \frac \partial \cdot \cdots \vdots \ddots \times \to \colon \left \right
    \lvert \rvert \lfloor \rfloor \lceil \rceil \sqrt \mathit \mathrm \mathsf \operatorname
    \square \infty \prime \surd \le \ge \ne \leq \geq \neq \wedge \vee \exp \log \sin \cos \tan
    \sinh \cosh \tanh \arcsin \arccos \arctan \max \min \det \tilde \text \,
    \div \pm \approx \equiv \gets \Rightarrow \in \nabla \sum \prod \odot \circ
    \underline \qquad"""
_TEXT = r"""\textbackslash \textasciicircum \textasciitilde \textless \textgreater \textbar
    \textasciigrave \textquotesingle \texttt \textbf \ldots \{ \} \$ \& \# \% \_"""
_DOCUMENT = r"""\documentclass \usepackage \setlength \parindent \parskip \medskipamount \sloppy
    \title \author \date \maketitle \section \subsection \textwidth \newline \quad \hline
    \endhead \[ \] \\"""
COMMANDS = {"\\ ", *_GREEK.split(), *_MATHEMATICS.split(), *_TEXT.split(), *_DOCUMENT.split()}
"""Every command that a document may hold; what a file holds adds none."""

_TOKEN = re.compile(r"\\begin\{[a-z*]+\}|\\end\{[a-z*]+\}|\\[A-Za-z]+|\\.|.", re.DOTALL)
_COLUMNS = ("pmatrix", "cases", "longtable")


@dataclass
class _Open:
    r"""What is open: a group, an environment, mathematics, a ``\left``."""

    kind: str
    cells: list[int] = field(default_factory=lambda: [1])
    scripts: set[str] = field(default_factory=set)
    is_script: bool = False


class Reader:
    """Reads one piece of LaTeX to its end; an assertion names what is wrong with it."""

    def __init__(self, text: str, *, math: bool = False) -> None:
        self.text = text
        self.stack = [_Open("$" if math else "")]
        self.commands: list[str] = []
        self.pending = ""
        """A ``^`` or ``_`` whose argument has not come yet."""

    def read(self) -> Reader:
        """All of it."""
        assert all(c.isprintable() or c == "\n" for c in self.text), "a control character"
        for line in self.text.split("\n"):
            # Comments are the product's own, and a line each.
            for piece in () if line.startswith("% ") else _TOKEN.findall(line + "\n"):
                self._take(piece)
        assert len(self.stack) == 1, f"open at the end: {[o.kind for o in self.stack[1:]]}"
        return self

    def _take(self, piece: str) -> None:
        if piece.isspace():
            return
        if piece.startswith(r"\begin{"):
            self._open(_Open(piece[7:-1]))
        elif piece.startswith(r"\end{"):
            self._close(piece[5:-1])
        elif piece[0] == "\\":
            self._command(piece)
        elif piece == "{":
            self._open(_Open("{"))
        elif piece == "}":
            self._close("{")
        elif piece == "$":
            self._close("$") if self.stack[-1].kind == "$" else self._open(_Open("$"))
        elif piece == "&":
            assert self.stack[-1].kind in _COLUMNS, "a & outside a table"
            self.stack[-1].cells[-1] += 1
            self._nucleus()
        elif piece in "^_":
            self._script(piece)
        else:
            assert piece not in "#%~", f"a bare {piece}"
            self._nucleus()

    def _command(self, piece: str) -> None:
        assert piece in COMMANDS, f"a command that is not ours: {piece}"
        self.commands.append(piece)
        if piece == "\\\\" and self.stack[-1].kind in _COLUMNS:
            self.stack[-1].cells.append(1)
        if piece == r"\[":
            self._open(_Open(r"\["))
        elif piece == r"\]":
            self._close(r"\[")
        elif piece == r"\left":
            self._open(_Open(piece))
        elif piece == r"\right":
            self._close(r"\left")
        else:
            self._nucleus()

    def _open(self, what: _Open) -> None:
        what.is_script = bool(self.pending)
        if not self.pending and what.kind == "{":
            self.stack[-1].scripts.clear()
        self.pending = ""
        self.stack.append(what)

    def _close(self, kind: str) -> None:
        last = self.stack.pop()
        assert last.kind == kind, f"{kind} closes {last.kind}"
        assert not self.pending, "a script without an argument"
        if kind in {"pmatrix", "longtable"}:
            cells = last.cells[:-1] if kind == "longtable" else last.cells
            assert len(set(cells)) == 1, f"rows of {cells} cells"
        if kind == "cases":
            assert set(last.cells) == {2}, f"cases of {last.cells} cells"
        if not last.is_script:
            self.stack[-1].scripts.clear()

    def _script(self, sign: str) -> None:
        kinds = {o.kind for o in self.stack}
        assert kinds & {"$", r"\["}, f"{sign} outside mathematics"
        scripts = self.stack[-1].scripts
        assert sign not in scripts, f"a second {sign} on one base"
        assert not self.pending, "a script of a script"
        scripts.add(sign)
        self.pending = sign

    def _nucleus(self) -> None:
        if self.pending:
            self.pending = ""
        else:
            self.stack[-1].scripts.clear()


def read_math(text: str) -> Reader:
    r"""A formula without its dollar signs; it may have others within ``\text`` only."""
    return Reader(text, math=True).read()


def read_text(text: str) -> Reader:
    """A piece of a document, or a whole one."""
    return Reader(text).read()


_UNESCAPED = {
    r"\textbackslash{}": "\\", r"\textasciicircum{}": "^", r"\textasciitilde{}": "~",
    r"\textless{}": "<", r"\textgreater{}": ">", r"\textbar{}": "|",
    r"\textquotesingle{}": "'", r"\textasciigrave{}": "`", "{-}": "-",
}  # fmt: skip


def shown(text: str) -> str:
    """What TeX would print of an escaped ASCII text."""
    pattern = "|".join(map(re.escape, _UNESCAPED)) + r"|\\[^A-Za-z]|."
    found = re.findall(pattern, text, re.DOTALL)
    return "".join(_UNESCAPED.get(t, t[1:] if len(t) > 1 else t) for t in found)
