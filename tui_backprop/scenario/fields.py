"""Format 1 as a table: every key, what it may be, and what editors say about it.

Validation and JSON Schema are both derived from it. A field is None where its value could not be
read, or where the key is left out.
"""

from __future__ import annotations

import keyword
from dataclasses import field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from tui_backprop.dataclass import dataclass
from tui_backprop.language.catalogue import ENGLISH
from tui_backprop.language.message import Said, changed, said
from tui_backprop.program.vocabulary.names import LONGEST_NAME, name_problem
from tui_backprop.rules import RULES
from tui_backprop.scenario.claim_fields import CLAIM, VALUE_NAME
from tui_backprop.scenario.kinds import Choice, Integer, Real, String, Words
from tui_backprop.scenario.leaves import LEAF
from tui_backprop.scenario.plant import PLANT
from tui_backprop.scenario.records import Either, ListOf, MapOf, Named, Record, Variants, key
from tui_backprop.scenario.report import shown
from tui_backprop.scenario.texts import TEXT
from tui_backprop.scenario.update import UPDATE

if TYPE_CHECKING:
    import collections.abc

    from tui_backprop.language.catalogue import Language
    from tui_backprop.scenario.claim_fields import AnyClaim
    from tui_backprop.scenario.kinds import Kind, Schema, Word
    from tui_backprop.scenario.leaves import Leaf
    from tui_backprop.scenario.plant import PlantFields
    from tui_backprop.scenario.report import Report
    from tui_backprop.scenario.texts import Texts
    from tui_backprop.scenario.update import UpdateFields
    from tui_backprop.scenario.yaml_tree import Node, Scalar, Span


def complaint(name: str) -> str:
    """Why a leaf cannot have this name, in words; empty if it can."""
    if name in RULES:
        return said("{name} is a function and cannot be the name of a leaf", name=shown(name))
    problem, short = name_problem(name), shown(name)[1:-1]
    return problem if short == name else changed(problem, lambda text: text.replace(name, short))


def names_schema() -> Schema:
    """The check as JSON Schema, for ``propertyNames``."""
    reserved = {*keyword.kwlist, *RULES, "range"}
    return {
        "pattern": f"^(?!__)[A-Za-z_][A-Za-z0-9_]{{0,{LONGEST_NAME - 1}}}$",
        "not": {"enum": sorted(reserved)},
    }


@dataclass(frozen=True, slots=True)
class FrameworkName:
    """The name of a framework whose conventions were measured."""

    def read(self, node: Node, report: Report) -> str | None:
        """The name in the table, whichever of its names was written."""
        from tui_backprop.rules.conventions.framework_names import framework_called, refusal

        name = String().read(node, report)
        if name is None:
            return None
        found = framework_called(name)
        if found is None:
            report.at(node, *refusal(name))
        return found

    def schema(self, definitions: Schema) -> Schema:
        """One of the names, which an editor offers, or one that is read as such."""
        from tui_backprop.rules.conventions.framework_names import frameworks, names_pattern

        listed = Choice(frameworks()).schema(definitions)
        return {"anyOf": [listed, {"type": "string", "pattern": names_pattern()}]}


# Sentences stand here by themselves: what `key` is given is a sentence of its own.
_QUESTIONS: Final = said("questions")
_HINTS: Final = said("hints")
_LEAVES: Final = said("a mapping from names to numbers")
_CLAIMS: Final = said("claims")
_NOTES: Final = said("notes")
_PLACE: Final = Words(said("a place of the walk"))
_PROGRAM: Final = Words(said("the text of a program"))
_COMMAND: Final = Words(
    said("a command such as {examples}", examples="'break h', 'watch X.grad[0]'")
)
_COMMANDS: Final = ListOf(_COMMAND, said("commands"), longest=100)
_VALUES: Final = MapOf(LEAF, said("a mapping from names to arrays"))
_GRADIENTS: Final = MapOf(LEAF, said("a mapping from names of inputs to arrays"))
_TANGENTS: Final = MapOf(LEAF, said("a mapping from names of inputs to arrays"), at_least_one=True)


FORMAT: Final = 1


Leaves: TypeAlias = "collections.abc.Mapping[Scalar, Leaf | None]"


@dataclass(frozen=True, slots=True, eq=False)
class PassFields:
    """``{of: Y, v: [1, 2, 3]}``."""

    span: Span
    of: Word | None = field(
        metadata=key(
            VALUE_NAME,
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
    said("a mapping {form}, or a list of them", form="{of, v}"),
    sequence=ListOf(_PASS, said("backward passes"), shortest=1),
    mapping=_PASS,
)


@dataclass(frozen=True, slots=True, eq=False)
class ExpectFields:
    """``{values: {Y: [2, 4, 6]}, grad: {X: [2, 4, 6]}}``."""

    values: Leaves | None = field(
        metadata=key(
            _VALUES,
            "What values must come out, by name.",
        ),
        default=None,
    )
    grad: Leaves | None = field(
        metadata=key(
            _GRADIENTS,
            "What gradients must come out after all passes, by input.",
        ),
        default=None,
    )
    tangent: Leaves | None = field(
        metadata=key(
            _VALUES,
            "In forward mode, what tangents must come out, by name.",
        ),
        default=None,
    )
    updated: Leaves | None = field(
        metadata=key(
            _GRADIENTS,
            "What trained inputs must be after an update, by name.",
        ),
        default=None,
    )
    updated_after: int | None = field(
        metadata=key(
            Integer(1), "After how many iterations 'updated' is what they are. Left out: after all."
        ),
        default=None,
    )
    loss: Leaf | None = field(
        metadata=key(LEAF, "What the loss must be in the first iterations, as a list."),
        default=None,
    )
    rtol: float | None = field(metadata=key(Real(0), "Relative tolerance."), default=1e-6)
    atol: float | None = field(metadata=key(Real(0), "Absolute tolerance."), default=1e-9)


@dataclass(frozen=True, slots=True)
class NoteFields:
    """``{at: Y, text: …}``."""

    at: Word | None = field(
        metadata=key(
            _PLACE,
            "A name (Y, h@2), a gradient or an entry of it (X.grad, X.grad[1]), or one of build, "
            "seed, backward, zero_grad, update, end.",
        )
    )
    text: Texts | None = field(metadata=key(TEXT, "What is said there."))


KindName: TypeAlias = Literal["value", "partial", "shape", "sum", "zero", "expression"]


@dataclass(frozen=True, slots=True)
class QuestionFields:
    """``{at: "X.grad[1]", ask: sum}``."""

    at: Word | None = field(
        metadata=key(
            _PLACE,
            "Where it is asked, in the words of commands: Y, Y[1], X.grad[1], step 9, line 3; or "
            "a partial, dY[1]/dX[0].",
        )
    )
    ask: KindName | None = field(
        metadata=key(
            Choice(get_args(KindName)),
            "What is asked for: a value, a local partial, a shape, the sum of a gradient, whether "
            "a partial is zero whatever the numbers are, or a partial as a formula.",
        )
    )
    text: Texts | None = field(
        metadata=key(TEXT, "The question, where the usual one will not do."), default=None
    )
    hints: tuple[Texts | None, ...] | None = field(
        metadata=key(
            ListOf(TEXT, _HINTS, longest=3), "Up to three, in place of the first usual ones."
        ),
        default=None,
    )


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
            MapOf(LEAF, _LEAVES, complaint, names_schema, at_least_one=True),
            "Leaves that have a gradient, in this order: a number, a list, or {value}, "
            "{shape, fill}, {shape, random, seed, scale}, {file, key}.",
        )
    )
    program: Word | None = field(
        metadata=key(
            _PROGRAM,
            "What is computed: one 'name = expression' per line.",
        )
    )
    title: Texts | None = field(metadata=key(TEXT, "What the scenario is called."), default=None)
    source: str | None = field(
        metadata=key(String(), "Where the numbers come from, for a published example."), default=""
    )
    constants: Leaves | None = field(
        metadata=key(
            MapOf(LEAF, _LEAVES, complaint, names_schema),
            "Leaves without a gradient.",
        ),
        default_factory=dict,
    )
    dtype: Literal["float64", "float32"] | None = field(
        metadata=key(Choice(("float64", "float32")), "The type of every number."), default="float64"
    )
    conventions: str | None = field(
        metadata=key(
            FrameworkName(),
            "The framework whose gradients are followed at kinks, ties and singular points, where "
            "they were measured. Left out: PyTorch's, but for what 'ops' states.",
        ),
        default="",
    )
    backward: Passes | None = field(
        metadata=key(
            _PASSES,
            "One pass {of, v} or a list of passes and {zero_grad: true}. Left out: one pass from "
            "the last name of the program, with ones.",
        ),
        default=None,
    )
    mode: Literal["reverse", "forward"] | None = field(
        metadata=key(
            Choice(("reverse", "forward")),
            "Which way the walk differentiates: reverse pulls v back from the output, forward "
            "pushes a tangent from the inputs.",
        ),
        default="reverse",
    )
    tangent: Leaves | None = field(
        metadata=key(
            _TANGENTS,
            "In forward mode, the tangent of each input that moves; the others are held fixed. "
            "Left out: ones, where there is one input.",
        ),
        default=None,
    )
    update: UpdateFields | None = field(
        metadata=key(
            UPDATE,
            "How inputs are trained: the walk goes on with their update, and begins again with the "
            "new numbers. Left out: nothing is trained.",
        ),
        default=None,
    )
    expect: ExpectFields | None = field(
        metadata=key(Record(ExpectFields), "What 'check' compares with."), default=None
    )
    claims: tuple[AnyClaim | None, ...] | None = field(
        metadata=key(
            ListOf(CLAIM, _CLAIMS, longest=200),
            "Numbers derived by hand: 'check' finds the first step where one departs.",
        ),
        default=None,
    )
    breakpoints: tuple[Word | None, ...] | None = field(
        metadata=key(
            _COMMANDS,
            "Breakpoints and watchpoints that are set when it is opened, each as the command that "
            "sets it.",
        ),
        default=None,
    )  # fmt: skip
    notes: tuple[NoteFields | None, ...] | None = field(
        metadata=key(
            ListOf(Record(NoteFields), _NOTES),
            "Narration, each hung on a place of the walk.",
        ),
        default=None,
    )
    questions: tuple[QuestionFields | None, ...] | None = field(
        metadata=key(
            ListOf(Record(QuestionFields), _QUESTIONS, longest=200),
            "What 'quiz' asks. Left out: what the walk has that is new.",
        ),
        default=None,
    )
    plant: PlantFields | None = field(
        metadata=key(
            PLANT, "A bug that is planted in a derivative, to be found; or base64 of it as JSON."
        ),
        default=None,
    )
    view: ViewFields | None = field(
        metadata=key(Record(ViewFields), "How the walk is shown."), default=None
    )


DOCUMENT: Final = Record(Document)


DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema(language: Language = ENGLISH) -> Schema:
    """The schema, draft 2020-12.

    It cannot say what depends on other parts of a file: that the rows of a list are equally long,
    that shapes fit, that a name is one of the program's.

    Args:
        language: of the descriptions, which editors show.
    """
    definitions: Schema = {}
    schema = DOCUMENT.schema(definitions)
    title = said("tui-backprop scenario, format 1")
    whole = {"$schema": DIALECT, "title": title, **schema, "$defs": definitions}
    return {key: _described_in(language, part, key) for key, part in whole.items()}


def _described_in(language: Language, part: Any, key: str = "") -> Any:
    """A part of a schema with what it says to people in a language."""
    if isinstance(part, dict):
        return {name: _described_in(language, value, name) for name, value in part.items()}
    if isinstance(part, list):
        return [_described_in(language, item) for item in part]
    if key not in {"description", "title"} or not isinstance(part, str):
        return part
    return language.retold(part) if isinstance(part, Said) else language.translated(part)
