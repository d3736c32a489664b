"""A session with how the person wants to see it: everything that makes a view is here.

A view is everything that the panes get.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from tui_backprop.dataclass import replace
from tui_backprop.debug.log import Log
from tui_backprop.debug.session import restore_state, state_of
from tui_backprop.language.catalogue import language_of
from tui_backprop.render.places import tied_answer
from tui_backprop.render.text.names import Namer
from tui_backprop.render.view import View, shown_title

if TYPE_CHECKING:
    from tui_backprop.api import Scenario
    from tui_backprop.debug.session import Session, State
    from tui_backprop.debug.stops import Stop
    from tui_backprop.language.catalogue import Language
    from tui_backprop.language.message import Answer
    from tui_backprop.render.text.charset import Charset
    from tui_backprop.render.view import Hidden
    from tui_backprop.timeline.timeline import Frame, Timeline

_OF_REVERSE_MODE: Final = frozenset({"v", "grad", "VJP"})
"""Words of panes that in a forward walk show what JVP means."""
_SEEN: Final = ("language", "message", "graph_view", "total", "product", "by", "found")
"""What a person changes about how it is shown."""


class ViewModel:
    """A session, the options of its pictures, and the views made of both.

    Attributes:
        scenario: what was opened.
        session: where we are in it.
        charset: Unicode or ASCII.
        language: the code of one that there is.
        message: what the last command reported.
        graph_view: the drawing, the tape, or whichever fits.
        total: whether J is the whole ∂of/∂input.
        product: whether J is the product of local ones along a path.
        by: the node by which either then is, where somebody chose one.
        symbolic: whether the algebra is loaded.
        found: what was last searched for.
        hidden: what is put away while a question is open.
        log: what was asked and answered.
        given_up: what is not saved, and the person was told so.
    """

    def __init__(self, scenario: Scenario, charset: Charset, language: str = "en") -> None:
        self.scenario = scenario
        self.session = scenario.session()
        self.language = language
        self.message = ""
        self.graph_view: Literal["auto", "drawing", "tape"] = "auto"
        self.total = False
        self.product = False
        self.by: int | None = None
        self.symbolic = False
        self.found = ""
        self.hidden: Hidden = ""
        self.log = Log()
        self.given_up: frozenset[str] = frozenset()
        self.charset = charset
        self._earlier: Timeline | None = None
        graph, subscripts = scenario.model.graph, scenario.model.view.subscripts
        self._namers = tuple(
            Namer(graph, subscripts, charset, is_forward=is_forward) for is_forward in (False, True)
        )

    def state(self) -> State:
        """Where we are and how it is shown, to be put back."""
        return MappingProxyType(
            {"session": state_of(self.session)} | {name: getattr(self, name) for name in _SEEN}
        )

    def put_back(self, state: State) -> None:
        """Be as it was."""
        restore_state(self.session, state["session"])
        for name in _SEEN:
            setattr(self, name, state[name])

    def renewed(self, scenario: Scenario) -> ViewModel:
        """Another reading of the scenario, shown in the same way, at its first step."""
        other = ViewModel(scenario, self.charset, self.language)
        other.graph_view, other.total, other.found = self.graph_view, self.total, self.found
        other.symbolic, other.log, other.product = self.symbolic, self.log, self.product
        return other

    def resumed(self, before: Session) -> Answer:
        """Go on where a session was, before the scenario was changed; what was lost, in lines."""
        from tui_backprop.debug.commands.resuming import resume

        return resume(self.session, before)

    @property
    def spoken(self) -> Language:
        """In which the debugger's answers are told."""
        return language_of(self.language)

    def explained(self, word: str) -> tuple[str, ...]:
        """The sentences about a word of the field, with the numbers of this step.

        After those about J come the signs of its picture.
        """
        from tui_backprop.debug.glossary.lookup import explained_word
        from tui_backprop.render.matrix.picture import legend

        answer = self.spoken.answered(explained_word(self.session, word))
        signs = map(self.spoken.retold, legend(self.charset) if word == "J" else ())
        return *(line.text for line in answer.lines), *signs

    def explained_pane(self, word: str) -> tuple[str, ...]:
        """Likewise about the word of a pane, whose sums a forward walk makes of tangents."""
        if self.session.timeline.is_forward and word in _OF_REVERSE_MODE:
            word = "JVP"
        return self.explained(word)

    def next_view(self) -> View | None:
        """What one more step in the same direction would show; None at the end of the walk."""
        session = self.session
        k = session.cursor + (1 if session.direction == "forward" else -1)
        if not 0 <= k <= session.last:
            return None
        return replace(
            self.view(),
            frame=session.timeline[k],
            reason="",
            before=self._before(k),
            inside=session.module_at(k),
        )

    def view(self) -> View:
        """The present state, as the panes see it."""
        model = self.scenario.model
        return View(
            frame=self.session.frame,
            namer=self._namer,
            title=shown_title(model, self.language),
            notes=model.notes,
            language=self.language,
            charset=self.charset,
            direction=self.session.direction,
            reason=self.message,
            stops=self.session.stops,
            conditional=self._conditional(),
            breakpoints=self.session.breakpoints,
            displays=self.session.displays,
            trials=self.session.history.in_force,
            before=self._before(self.session.cursor),
            inside=self.session.inside,
            graph_view=self.graph_view,
            total=self.total,
            product=self.product,
            by=self.by,
            symbolic=self.symbolic,
            hidden=self.hidden,
        )

    def answered(self, answer: Answer) -> Answer:
        """An answer in the language of the panes, whose entry is also called as they do."""
        told = self.spoken.answered(answer)
        is_table = any(line.cells.texts for line in answer.lines[:1])
        if is_table:
            return told
        return tied_answer(replace(told, is_about_entries=answer.is_about_entries), self._namer)

    @property
    def _namer(self) -> Namer:
        """Who names tangents in a forward walk, and adjoints in any other."""
        return self._namers[self.session.timeline.is_forward]

    def _before(self, k: int) -> Frame | None:
        """The frame at the same k with the numbers from before any was set."""
        baseline, zeros = self.session.history.baseline, self.session.timeline.zeros
        if baseline is None:
            self._earlier = None
            return None
        earlier = self._earlier
        tangents = self.session.timeline.tangents
        is_kept = earlier is not None and earlier.trace is baseline and earlier.zeros is zeros
        if earlier is None or not is_kept or earlier.tangents is not tangents:
            # Its own was walked before anything was set: another takes seconds where it is long.
            is_own = baseline.zeros is zeros and baseline.tangents is tangents
            earlier = baseline.timeline if is_own else baseline.walked_with(tangents, zeros=zeros)
            self._earlier = earlier
        return earlier[k]

    def _conditional(self) -> tuple[Stop, ...]:
        there = [b for b in self.session.breakpoints if b.is_enabled and b.place is not None]
        always = {b.place for b in there if b.condition is None}
        return tuple(
            b.place
            for b in there
            if b.place is not None and b.condition is not None and b.place not in always
        )
