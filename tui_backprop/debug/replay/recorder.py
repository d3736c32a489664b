"""Recording commands as they are carried out.

Each line is written at once, so that nothing is lost when the terminal dies.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui_backprop.debug.commands import find_command, look_named
from tui_backprop.debug.replay.script import Do, Line, Look, Mark, Say, header, written
from tui_backprop.debug.replay.texts import narrated
from tui_backprop.files import reason_of
from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from tui_backprop.debug.replay.script import Text
    from tui_backprop.debug.session import Session


_LINE_END: Final = re.compile(r"[\r\n]")
_TOLD: Final[Mapping[str, Callable[[Text], Say | Mark]]] = {"say": Say, "mark": Mark}
"""What those commands are in a replay, which are nothing but told."""


class Recorder:
    """Writes one line for each command, and each at once.

    Attributes:
        scenario: how the header names it.
        when_lost: told why nothing more can be written; the walk goes on.
        is_lost: whether something was not written.
    """

    def __init__(
        self, stream: TextIO, clock: Callable[[], float], scenario: str, sha256: str
    ) -> None:
        """Write the header at once.

        Raises:
            OSError: it cannot be written.
        """
        self.scenario = scenario
        self._stream = stream
        self.is_lost = False
        self._is_closed = False
        self._clock = clock
        self._began = clock()
        self._cursor = 0
        self.when_lost: Callable[[str], None] = _nobody
        try:
            stream.writelines(f"{line}\n" for line in header(scenario, sha256))
            stream.flush()
        except OSError:
            self.close()
            raise

    def listen(self, session: Session) -> None:
        """Record what a session carries out from now on."""
        self._cursor = session.cursor
        session.listener = lambda line: self._heard(session, line)

    def close(self) -> None:
        """Nothing more will be written.

        What could not be flushed is tried once more here, since a stream that is merely dropped
        complains on stderr when it is collected.
        """
        if not self._is_closed:
            self._is_closed = True
            try:
                self._stream.close()
            except (OSError, ValueError) as error:
                self._lose(error)

    def _heard(self, session: Session, line: str) -> None:
        """A command was carried out, or one of the screen's that changed the look."""
        # However it was pasted, it is one line.
        text = _LINE_END.sub(" ", line)
        word, _, argument = text.partition(" ")
        if look_named(word):
            self._say(Look(text))
            return
        command = find_command(word)
        if command.name in _TOLD:
            self._say(_TOLD[command.name](narrated(argument.strip())))
            return
        if command.touches_files(argument):
            # A replay reads no files: it goes where this walk went.
            self._write(f"# {text}")
            if session.cursor != self._cursor:
                self._say(Do(f"goto {session.cursor}"))
        else:
            self._say(Do(text))
        self._cursor = session.cursor

    def _say(self, act: Do | Look | Say | Mark) -> None:
        self._write(written(Line(0, act, self._clock() - self._began)))

    def _write(self, line: str) -> None:
        if self.is_lost or self._is_closed:
            return
        try:
            self._stream.write(f"{line}\n")
            self._stream.flush()
        except (OSError, ValueError) as error:
            self._lose(error)
            self.close()

    def _lose(self, error: Exception) -> None:
        """Report once that a command could not be written."""
        if not self.is_lost:
            self.is_lost = True
            self.when_lost(said("the recording ends here: {reason}", reason=reason_of(error)))


def _nobody(_message: str) -> None:
    """The listener that is used where nobody listens."""
