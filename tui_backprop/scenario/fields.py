"""Format 1 as a table: every key, what it may be, and what editors say about it.

It stands apart because validation and JSON Schema are both derived from it, and from nothing else.
A field is None where its value could not be read, or where the key is left out.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tui_backprop.dataclass import dataclass
from tui_backprop.scenario import leaf_names as names
from tui_backprop.scenario.claim_fields import CLAIM
from tui_backprop.scenario.forms import Either, Named, Variants
from tui_backprop.scenario.kinds import Choice, Real, String, Words
from tui_backprop.scenario.leaves import LEAF
from tui_backprop.scenario.records import ListOf, MapOf, Record, key
from tui_backprop.scenario.texts import TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_backprop.scenario.claim_fields import AnyClaim
    from tui_backprop.scenario.kinds import Kind, Word
    from tui_backprop.scenario.leaves import Leaf
    from tui_backprop.scenario.texts import Texts
    from tui_backprop.scenario.yaml_tree import Scalar, Span

FORMAT: Final = 1


Leaves: TypeAlias = "Mapping[Scalar, Leaf | None]"


@dataclass(frozen=True, slots=True, eq=False)
class PassFields:
    """``{of: Y, v: [1, 2, 3]}``."""

    span: Span
    of: Word | None = field(
        metadata=key(
            Words("the name of a value"),
            "The value to pull back from: a name of the program, or h@2 for its second binding.",
        )
    )
    v: Leaf | None = field(
        metadata=key(LEAF, "The cotangent it is seeded with, in its shape. Left out: all ones."),
        default=None,
    )


@dataclass(frozen=True, slots=True)
class ZeroGradFields:
    """``{zero_grad: true}``."""

    zero_grad: Literal[True] | None = field(
        metadata=key(Choice((True,)), "Set every gradient to zero before the next pass.")
    )


AnyPass: TypeAlias = "PassFields | ZeroGradFields"


Passes: TypeAlias = "AnyPass | tuple[AnyPass | None, ...]"

_PASS: Final[Kind[AnyPass]] = Named(
    "pass", Variants({"zero_grad": Record(ZeroGradFields), "of": Record(PassFields)})
)
_PASSES: Final[Kind[Passes]] = Either(
    "a mapping {of, v}, or a list of them",
    sequence=ListOf(_PASS, "backward passes", shortest=1),
    mapping=_PASS,
)


@dataclass(frozen=True, slots=True, eq=False)
class ExpectFields:
    """``{values: {Y: [2, 4, 6]}, grad: {X: [2, 4, 6]}}``."""

    values: Leaves | None = field(
        metadata=key(MapOf(LEAF, "names to arrays"), "What values must come out, by name."),
        default=None,
    )
    grad: Leaves | None = field(
        metadata=key(
            MapOf(LEAF, "names of inputs to arrays"),
            "What gradients must come out after all passes, by input.",
        ),
        default=None,
    )
    rtol: float | None = field(metadata=key(Real(0), "Relative tolerance."), default=1e-6)
    atol: float | None = field(metadata=key(Real(0), "Absolute tolerance."), default=1e-9)


@dataclass(frozen=True, slots=True)
class NoteFields:
    """``{at: Y, text: …}``."""

    at: Word | None = field(
        metadata=key(
            Words("a place of the walk"),
            "A name (Y, h@2), a gradient or an entry of it (X.grad, X.grad[1]), or one of build, "
            "seed, backward, zero_grad, end.",
        )
    )
    text: Texts | None = field(metadata=key(TEXT, "What is said there."))


@dataclass(frozen=True, slots=True)
class ViewFields:
    """``{zeros: show, subscripts: 1}``."""

    zeros: Literal["show", "skip"] | None = field(
        metadata=key(
            Choice(("show", "skip")), "Whether the walk visits partials that are zero by structure."
        ),
        default="skip",
    )
    subscripts: Literal[0, 1] | None = field(
        metadata=key(
            Choice((1, 0)),
            "What the first entry is counted as on screen: 1 as in mathematics, 0 as in NumPy.",
        ),
        default=1,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A scenario file, its keys read and its names not looked up yet."""

    format: Literal[1] | None = field(
        metadata=key(Choice((FORMAT,)), "The version of this format: 1.")
    )
    inputs: Leaves | None = field(
        metadata=key(
            MapOf(LEAF, "names to numbers", names.complaint, names.schema, at_least_one=True),
            "Leaves that have a gradient, in this order: a number, a list, or {value}, "
            "{shape, fill}, {shape, random, seed, scale}, {file, key}.",
        )
    )
    program: Word | None = field(
        metadata=key(
            Words("the text of a program"), "What is computed: one 'name = expression' per line."
        )
    )
    title: Texts | None = field(metadata=key(TEXT, "What the scenario is called."), default=None)
    source: str | None = field(
        metadata=key(String(), "Where the numbers come from, for a published example."), default=""
    )
    constants: Leaves | None = field(
        metadata=key(
            MapOf(LEAF, "names to numbers", names.complaint, names.schema),
            "Leaves without a gradient.",
        ),
        default_factory=dict,
    )
    dtype: Literal["float64", "float32"] | None = field(
        metadata=key(Choice(("float64", "float32")), "The type of every number."), default="float64"
    )
    backward: Passes | None = field(
        metadata=key(
            _PASSES,
            "One pass {of, v} or a list of passes and {zero_grad: true}. Left out: one pass from "
            "the last name of the program, with ones.",
        ),
        default=None,
    )
    expect: ExpectFields | None = field(
        metadata=key(Record(ExpectFields), "What 'check' compares with."), default=None
    )
    claims: tuple[AnyClaim | None, ...] | None = field(
        metadata=key(
            ListOf(CLAIM, "claims", longest=200),
            "Numbers derived by hand: 'check' finds the first step where one departs.",
        ),
        default=None,
    )
    breakpoints: tuple[Word | None, ...] | None = field(
        metadata=key(
            ListOf(Words("a command such as 'break h' or 'watch X.grad[0]'"), "commands",
                   longest=100),
            "Breakpoints and watchpoints that are set when it is opened, each as the command that "
            "sets it.",
        ),
        default=None,
    )  # fmt: skip
    notes: tuple[NoteFields | None, ...] | None = field(
        metadata=key(
            ListOf(Record(NoteFields), "notes"), "Narration, each hung on a place of the walk."
        ),
        default=None,
    )
    view: ViewFields | None = field(
        metadata=key(Record(ViewFields), "How the walk is shown."), default=None
    )


DOCUMENT: Final = Record(Document)
