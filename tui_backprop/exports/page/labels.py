"""The page's own words in a language: what stands on panes and buttons, and how numbers are read.

Fields stay open for the scripts, which fill them in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_backprop.language.catalogue import language_of

if TYPE_CHECKING:
    from tui_backprop.language.catalogue import Language


def labels_in(code: str, *, is_forward: bool = False) -> dict[str, str]:
    """The words by the names under which the scripts ask for them."""
    language = language_of(code)
    walk = _forward(language) if is_forward else _backward(language)
    return {
        **_panes(language), **walk, **_buttons(language), **_keys(language), **_speech(language)
    }  # fmt: skip


def _panes(language: Language) -> dict[str, str]:
    say = language.say
    return {
        "step": language.say_in("a pane", "step"),
        "position": say("step {k} of {last}", k="{k}", last="{last}"),
        "build": say("build"),
        "seed": say("seed"),
        "zero_grad": say("zero_grad"),
        "update": say("update"),
        "iteration": say("iteration {number} of {count}", number="{number}", count="{count}"),
        "note": say("note"),
        "notes": say("notes"),
        "source": say("source"),
        "program": say("program"),
        "tape": say("tape"),
        "places": say("places"),
        "end": say("end of the walk"),
        "noVUpdate": say("An update reads the gradient; there is no v in it."),
        "loss": say("loss"),
        "noNote": say("No note stands at this step."),
        "unsaved": say("not saved"),
        "rows": say("rows {y}, columns {x}", y="{y}", x="{x}"),
    }


def _backward(language: Language) -> dict[str, str]:
    """The words that depend on which way the walk differentiates."""
    say = language.say
    return {
        "partial": say("backward"),
        "results": say("gradients"),
        "vector": "v",
        "ownVector": say("pulled back"),
        "noJ": say("J comes with the backward pass: rows are outputs, columns are inputs."),
        "noV": say("v comes with the seed."),
        "noSum": say("Gradients come with the backward pass."),
    }


def _forward(language: Language) -> dict[str, str]:
    say = language.say
    return {
        "partial": say("FORWARD").lower(),
        "results": say("tangents"),
        "vector": "t",
        "ownVector": say("pushed forward"),
        "noJ": say("J comes with the forward pass: rows are outputs, columns are inputs."),
        "noV": say("t comes with the seed."),
        "noSum": say("Tangents come with the forward pass."),
    }


def _buttons(language: Language) -> dict[str, str]:
    say = language.say
    return {
        "first": say("to the first step"),
        "last": say("to the last step"),
        "back": say("a step back"),
        "forward": say("a step forward"),
        "edgeBack": say("an edge back"),
        "edgeForward": say("an edge forward"),
        "scrub": say("the walk, step by step"),
        "dark": say("dark"),
        "light": say("light"),
        "keys": say("keys"),
        "close": say("close"),
        "noScript": say("This page shows its steps by JavaScript, which is switched off here."),
    }


def _keys(language: Language) -> dict[str, str]:
    say = language.say
    return {
        "keyStep": say("a step forward, a step back"),
        "keyEdge": say("to the end of an edge, forward and back"),
        "keyNode": say("to the end of a node's edges, forward and back"),
        "keyNote": say("to the next note, to the one before"),
        "keyEnds": say("to the first and the last step"),
        "keyGoto": say("choose a step by its number"),
        "keyPlay": say("play, and pause"),
        "keyLanguage": say("the other language"),
        "keyLook": say("dark or light"),
        "keyHelp": say("these keys; Escape closes them"),
        "touch": say("On a touch screen swipe to the left for the next step, to the right for the "
                     "one before. A number, a name or a line that is pressed leads to its step."),
    }  # fmt: skip


def _speech(language: Language) -> dict[str, str]:
    """How numbers and entries are read aloud, as `render.speech.words` does."""
    say = language.say
    return {
        "comma": say(", "),
        "minus": say("minus {number}", number="{number}"),
        "power": say(
            "{number} times ten to the {exponent}", number="{number}", exponent="{exponent}"
        ),
        "nan": say("not a number"),
        "inf": say("infinity"),
        "about": say("about {number}", number="{number}"),
        "heardCell": say(
            "{name} row {row} column {column}", name="{name}", row="{row}", column="{column}"
        ),
        "heardEntry": say("{name} entry {index}", name="{name}", index="{index}"),
        "heardNode": say("node {number}", number="{number}"),
        "heardVersion": say("{name} version {number}", name="{name}", number="{number}"),
        "heardNote": say("Note: {text}", text="{text}"),
    }
