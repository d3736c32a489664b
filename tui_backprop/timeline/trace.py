"""An evaluation with a timeline, the scenario it came from, and what its author claims of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.errors import CommandError
from tui_backprop.graph.evaluation import Evaluation
from tui_backprop.language.message import said
from tui_backprop.lazy import cached_property
from tui_backprop.timeline.timeline import Timeline
from tui_backprop.timeline.updates import Updates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Literal

    from tui_backprop.graph.model import Graph, Pass
    from tui_backprop.graph.plan import Plan
    from tui_backprop.graph.planted import Planted
    from tui_backprop.graph.tolerance import Tolerance
    from tui_backprop.graph.update_rules import Update
    from tui_backprop.rules.types import Array, IntArray
    from tui_backprop.timeline.frame import Tangents
    from tui_backprop.timeline.training import Start, Training


def _nothing_to_open(name: str) -> Trace:
    raise CommandError(
        said("{name} cannot be opened: this session came without a reader of scenarios", name=name)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Provenance:
    """Where a trace comes from.

    Attributes:
        claims: what the scenario claims, in the order of its file.
        questions: what it asks, in the order of its file.
        open: another scenario's trace, by its path or name; raises a `TuiBackpropError` that says
            what is wrong with it.
        planted: the bug that is to be found in it, and the graph without; None for most.
        subscripts: what the first entry is counted as in its subscripts, 1 or 0.
    """

    claims: tuple[Claim, ...] = ()
    open: Callable[[str], Trace] = _nothing_to_open
    questions: tuple[PosedQuestion, ...] = ()
    planted: Planted | None = None
    subscripts: int = 1


NO_PROVENANCE: Final = Provenance()
"""Of a trace that comes from no scenario."""


class Trace(Evaluation):
    """An evaluation whose every step can be addressed.

    Attributes:
        zeros: whether its timeline visits partials that are structurally zero.
        tangents: what its timeline pushes forward; None where the passes are walked backward.
        provenance: the claims of its scenario, and a way to other ones.
        update: how its scenario trains; None where it does not.
        number: of the iteration that it is, from 0.
        joined: the iterations that it was made to be one of; see `training`.
    """

    update: Update | None = None
    number: int = 0
    joined: Training[Trace] | None = None

    def __init__(
        self,
        graph: Graph,
        leaves: Mapping[str, Array],
        passes: Sequence[Pass],
        plan: Plan | None = None,
        *,
        zeros: bool = False,
        provenance: Provenance = NO_PROVENANCE,
        tangents: Tangents | None = None,
        initial: Mapping[int, Array] | None = None,
    ) -> None:
        super().__init__(graph, leaves, passes, plan, initial)
        self.zeros = zeros
        self.provenance = provenance
        self.tangents = tangents

    @cached_property
    def timeline(self) -> Timeline:
        """Every step, in order."""
        return self.walked(zeros=self.zeros)

    def walked(self, *, zeros: bool) -> Timeline:
        """Every step, in order, with structurally zero partials or without."""
        return self.walked_with(self.tangents, zeros=zeros)

    def walked_with(self, tangents: Tangents | None, *, zeros: bool) -> Timeline:
        """Every step, with tangents pushed forward, or for None backward and through all training.

        Of a training one iteration is walked forward, this one.

        Raises:
            UnknownError: an op is another program's, and does not tell its JVP.
        """
        if tangents is not None:
            own = Updates(number=self.number)
            return Timeline(self, zeros=zeros, tangents=tangents, updates=own)
        if self.training is None:
            return Timeline(self, zeros=zeros)
        return self.training.walk(zeros=zeros).timeline(self.number)

    @property
    def training(self) -> Training[Trace] | None:
        """The iterations that it is one of; None where nothing is trained."""
        if self.joined is None and self.update is not None:
            # What trains is imported where something is trained.
            from tui_backprop.timeline.training import Training

            self.joined = Training[Trace](self, self.update, self.iteration)
        return self.joined

    def again(self, leaves: Mapping[str, Array], passes: Sequence[Pass]) -> Self:
        """A trace of the same graph and scenario, walked in the same way, with other numbers.

        Of an iteration: the others before it stay, and those after it follow from it.
        """
        # Most train nothing: they are not asked what they are an iteration of.
        if self.update is not None and self.training is not None:
            passes, number = tuple(passes), self.number
            training = self.training.replaced(number, leaves, passes)
            start = training.start(number)
            return self.iteration(training, number, replace(start, passes=passes))
        return type(self)(
            self.graph, leaves, passes, self.plan, zeros=self.zeros, provenance=self.provenance,
            tangents=self.tangents,
        )  # fmt: skip

    def iteration(self, training: Training[Trace], number: int, start: Start) -> Self:
        """An iteration of a training, which keeps it.

        Args:
            training: that it belongs to.
            number: from 0.
            start: what it starts from, with all the passes that it has.
        """
        made = type(self)(
            self.graph, start.leaves, start.passes, self.plan,
            zeros=self.zeros, provenance=self.provenance, initial=start.gradients,
        )  # fmt: skip
        made.update, made.number, made.joined = self.update, number, training
        training.adopt(made, number)
        return made


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A gradient, an intermediate adjoint, or partials, as the author of a scenario derived them.

    Attributes:
        text: what is claimed, counted from 0: ``X.grad[1]``, ``dY/dX[0]``.
        value: the claimed numbers; for partials in the shape of ``entries``, then of ``columns``.
        node: whose adjoint it is; of partials, the output y.
        entries: flat positions in ``node``.
        wrt: of partials, the node x that they are taken with respect to, through every path; None
            for an adjoint.
        columns: flat positions in ``wrt``; None for an adjoint.
        after: how many of the passes have been done.
        holds: False where the scenario says itself that the claim is wrong, to teach a slip.
        tolerance: how far it may be from the truth and still be right.
        by: who derived it, by language; a text without one stands under the empty string.
    """

    text: str
    value: Array
    node: int
    entries: IntArray
    wrt: int | None
    columns: IntArray | None
    after: int
    holds: bool
    tolerance: Tolerance
    by: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class PosedQuestion:
    """Something that the author of a scenario asks.

    Attributes:
        at: the place, in the words that commands take.
        ask: what is asked for there.
        text: the question by language, as `Claim.by`; empty for the usual one.
        hints: the author's own, each by language, in place of the first usual ones.
    """

    at: str
    ask: Literal["value", "partial", "shape", "sum", "zero", "expression"]
    text: Mapping[str, str]
    hints: tuple[Mapping[str, str], ...] = ()
