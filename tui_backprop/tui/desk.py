"""What commands, typed lines and replays may ask of the screen that they act on.

The screen implements `Desk`; a type checker proves it where the screen hands itself over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from textual.timer import Timer

    from tui_backprop.language.message import Answer
    from tui_backprop.progress import Resumable
    from tui_backprop.tui.asking.drawer import DrawerState
    from tui_backprop.tui.view_model import ViewModel


class Playing(Protocol):
    """Something that can go on by itself: the walk, or a replay of one."""

    @property
    def is_playing(self) -> bool:
        """Whether it goes on by itself."""

    def toggle(self) -> str:
        """Go on, or pause; returns what to report."""

    def pause(self) -> None:
        """Do not go on by itself."""

    def change_speed(self, by: int) -> str:
        """Faster for a positive number, slower for a negative one; returns what to report."""


class Replay(Playing, Protocol):
    """A replay that is open."""

    @property
    def length(self) -> int:
        """How many lines it has."""

    def leave(self) -> None:
        """Somebody took the walk over."""

    def come_back(self) -> str:
        """Put the walk to where the replay stands; returns what to report."""

    def forward(self) -> None:
        """One line."""

    def back(self) -> None:
        """One line back."""

    def seek(self, position: int) -> None:
        """To where so many lines are carried out."""

    def mark(self, way: int) -> None:
        """To the next chapter for a positive number, else to one before."""


class Dialogue(Protocol):
    """What hands out the lines to be answered, and takes the answers."""

    @property
    def title(self) -> str:
        """What keys do in the line."""

    def take(self, line: str) -> bool:
        """Take what was typed; whether more is to be answered."""

    def end(self) -> None:
        """Nothing more is answered."""


class Desk(Protocol):
    """A place where a person works on a walk."""

    @property
    def view_model(self) -> ViewModel:
        """The walk that is shown, and how."""

    @property
    def keys(self) -> Mapping[str, tuple[str, ...]]:
        """The keys in force, by command name."""

    @property
    def replay(self) -> Replay | None:
        """The replay that is open; None where a person walks alone."""

    @property
    def playing(self) -> Playing:
        """The replay, or else the walk, which goes on by itself when somebody plays."""

    @property
    def progress(self) -> Path | None:
        """The file that keeps how many answers were right; None to keep nothing."""

    @property
    def is_served(self) -> bool:
        """Whether it is shown in a browser, to somebody who may touch no files here."""

    # Lines.

    @property
    def is_busy(self) -> bool:
        """Whether something is under way that takes longer than a moment."""

    def carry_out(self, line: str) -> None:
        """Carry out a line that nobody typed, as far as that goes at once.

        Raises:
            CommandError: it cannot be carried out.
        """

    def work(self, work: Resumable[Answer], name: str, put_back: Callable[[], None]) -> None:
        """Do something that may take long, as if it were a line; see `Console.work`."""

    def give_up(self) -> None:
        """Stop what is under way; nothing has moved."""

    def ask(self, line: str) -> None:
        """Open the command line with its first words."""

    def be_asked(self, dialogue: Dialogue) -> None:
        """Hand what is typed to somebody else than the console, until no more is wanted."""

    # What is to be seen.

    def mark(self) -> None:
        """Draw soon."""

    def warn(self, message: str) -> None:
        """Say what cannot be done."""

    def failed(self, error: Exception, doing: str, /) -> str:
        """Keep an error of the program itself; returns what a person is to read."""

    def toggle_tape(self) -> None:
        """The graph as a tape where it is a drawing, else as a drawing."""

    def toggle_maximized(self) -> None:
        """One pane over the whole screen, or all of them again."""

    @property
    def maximized_pane(self) -> str:
        """The pane that lies over the whole screen; empty where all of them are there."""

    def maximize_pane(self, name: str) -> None:
        """A pane by its name over the whole screen; without a name, all of them again.

        Raises:
            CommandError: there is no such pane.
        """

    @property
    def is_presenting(self) -> bool:
        """Whether the step is shown alone, for a room."""

    def present(self, *, is_presenting: bool) -> None:
        """The step alone, for a room, or all panes again."""

    def blank(self) -> None:
        """Nothing on the screen, until a key is pressed."""

    def take_picture(self, keep: Callable[[str], None], /) -> None:
        """Give what is to be seen to somebody, as SVG, once no command line lies over it."""

    def show_answer(self) -> None:
        """The latest answer in a drawer, beside the panes or under them."""

    def answered(self, line: str, answer: Answer) -> None:
        """Show what came of a line that was carried out elsewhere."""

    def toggle_answer(self) -> None:
        """An open answer larger, or as large as before; else the last one again.

        Raises:
            CommandError: nothing was asked yet.
        """

    @property
    def answer_size(self) -> str:
        """``on`` where an answer is open, ``large`` where more of it is, else ``off``."""

    @property
    def answer_state(self) -> DrawerState | None:
        """The answer as it lies there, to be put back; None where there never was one."""

    def put_back_answer(self, state: DrawerState | None) -> None:
        """An answer as it lay there."""

    def close_answer(self) -> bool:
        """Give the panes the whole screen again; whether there was an answer to close."""

    # Other screens.

    def show_help(self) -> None:
        """All commands, on a page of its own."""

    def show_log(self) -> None:
        """The log over everything else, its last answer in sight."""

    def choose_theme(self, name: str) -> None:
        """Colours by the name of a theme; without a name, let the person choose.

        Raises:
            CommandError: there is no such theme.
        """

    def open(self, scenario: str) -> None:
        """Another scenario; without a name, the list of them."""

    def reload(self) -> None:
        """The scenario as its file is now, at the same event.

        Raises:
            CommandError: there is no file, or a replay is open.
        """

    def leave(self) -> None:
        """End the program."""

    # Time.

    def set_timer(self, delay: float, callback: Callable[[], None], /) -> Timer:
        """Call once, after so many seconds."""

    def set_interval(self, interval: float, callback: Callable[[], None], /) -> Timer:
        """Call again and again, each time after so many seconds."""
