r"""Text, code and numbers as LaTeX that sets them as they stand.

It stands apart because this is the one gate: what a file holds reaches a document through here and
nowhere else, so nothing can close a brace, start a command or leave its place.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from tui_backprop.render.text.spans import printable

_SPECIAL: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
        "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
        "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    }
)  # fmt: skip
_CODE: Final = str.maketrans(
    {" ": r"\ ", "'": r"\textquotesingle{}", "`": r"\textasciigrave{}", "-": "{-}"}
)
_SIGNS: Final = {
    "∂": r"$\partial$", "·": r"$\cdot$", "−": "$-$", "×": r"$\times$", "÷": r"$\div$",
    "±": r"$\pm$", "≤": r"$\le$", "≥": r"$\ge$", "≠": r"$\ne$", "≈": r"$\approx$",
    "≡": r"$\equiv$", "→": r"$\to$", "←": r"$\gets$", "⇒": r"$\Rightarrow$", "∈": r"$\in$",
    "√": r"$\surd$", "∞": r"$\infty$", "∇": r"$\nabla$", "∑": r"$\sum$", "∏": r"$\prod$",
    "⊙": r"$\odot$", "∘": r"$\circ$", "′": r"$^{\prime}$", "…": r"\ldots{}",
}  # fmt: skip
GREEK: Final = frozenset(
    ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
     "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi",
     "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi",
     "Omega")
)  # fmt: skip
"""The letters that are commands of TeX; the others look like Latin ones."""
_LETTER: Final = re.compile("GREEK (SMALL|CAPITAL) LETTER ([A-Z]+)")
_RAISED: Final = {"<super>": "^", "<sub>": "_"}
_NUMBER: Final = re.compile(r"[-−]?(?P<digits>[0-9.]+)(?:e(?P<below>[-−]?)\+?0*(?P<ten>[0-9]+))?")
_WORDS: Final = {"inf": r"\infty", "nan": r"\text{NaN}"}


def escaped(text: str) -> str:
    """A text for a paragraph, a heading or a cell; what fonts of text lack is set as mathematics.

    Letters of other scripts stand as they are.
    """
    shown = printable(text)
    if shown.isascii():
        return shown.translate(_SPECIAL)
    return "".join(c.translate(_SPECIAL) if c.isascii() else _glyph(c) for c in shown)


def code(text: str) -> str:
    """Program text in typewriter type, blanks and straight quotes kept."""
    shown = printable(text)
    return "".join(_typed(c) for c in shown).join((r"\texttt{", "}")) if shown else ""


def numeral(text: str) -> str:
    r"""A number as the product writes it, in mathematics: ``1.5e-07`` is ``1.5 \times 10^{-7}``."""
    sign = "-" if text[:1] in {"-", "−"} else ""
    size = text[len(sign) :]
    if size in _WORDS:
        return sign + _WORDS[size]
    found = _NUMBER.fullmatch(text)
    if found is None:
        return rf"\text{{{escaped(text)}}}"
    ten = found["ten"]
    power = rf" \times 10^{{{'-' if found['below'] else ''}{ten}}}" if ten else ""
    return sign + found["digits"] + power


def is_number(text: str) -> bool:
    """Whether a text is a number as the product writes it."""
    return text.lstrip("-−") in _WORDS or _NUMBER.fullmatch(text) is not None


def _typed(character: str) -> str:
    own = character.translate(_CODE)
    return own if own != character else escaped(character)


def _glyph(character: str) -> str:
    """One character beyond ASCII: ``ⱼ`` is a subscript, ``ᵀ`` a superscript, ``中`` itself."""
    if character in _SIGNS:
        return _SIGNS[character]
    letter = _LETTER.fullmatch(unicodedata.name(character, ""))
    if letter is not None:
        name = letter[2].replace("LAMDA", "LAMBDA")  # as Unicode spells it
        name = name.lower() if letter[1] == "SMALL" else name.capitalize()
        return rf"$\{name}$" if name in GREEK else character
    kind, _, codes = unicodedata.decomposition(character).partition(" ")
    if kind not in _RAISED:
        return character
    raised = "".join(chr(int(point, 16)) for point in codes.split())
    shown = raised if raised.isascii() and raised.isalnum() else rf"\text{{{escaped(raised)}}}"
    return f"${_RAISED[kind]}{{{shown}}}$"
