"""The formats that a walk can be exported to without a screen: a row each."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from tui_backprop.language.message import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tui_backprop.exports.subject import Subject


class Option(NamedTuple):
    """An argument that only some formats take.

    Attributes:
        flag: ``--name`` on the command line; `Subject.options` has it under the name.
        use: its help, a sentence.
        takes: what stands behind it, in capitals; empty for a switch.
    """

    flag: str
    use: str
    takes: str = ""

    @property
    def name(self) -> str:
        """As `Subject.options` has it."""
        return self.flag.removeprefix("--").replace("-", "_")


class Format(NamedTuple):
    """A way to write a walk down.

    Attributes:
        module: of the package, imported when the format is asked for.
        function: a `Subject` → pieces of text, or of bytes.
        ending: of a file that holds it.
        use: what it is, in the help.
        options: the arguments that it takes beside those that all take.
        needs_replay: whether only a recorded walk can be written so.
        package: that the module is in; what shows the screen has a table beside the screen.
    """

    module: str
    function: str
    ending: str
    use: str
    options: tuple[Option, ...] = ()
    needs_replay: bool = False
    package: str = "tui_backprop.exports"

    def write(self, subject: Subject) -> Iterator[bytes]:
        """The pieces of the file, in order, as they are made.

        A function that is no generator does its work here, before there is any file.
        """
        module = import_module(f"{self.package}.{self.module}")
        written: Callable[[Subject], Iterable[str | bytes]] = getattr(module, self.function)
        pieces = written(subject)
        return (piece.encode() if isinstance(piece, str) else piece for piece in pieces)


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "dot": Format("drawn", "dot", ".dot", said("the graph with its numbers, for Graphviz")),
        "mermaid": Format(
            "drawn", "mermaid", ".mmd", said("the same, for pages that draw Mermaid")
        ),
        "html": Format(
            "page.document", "html", ".html",
            said("a page to step through in a browser, one file without a network"),
        ),
    }
)  # fmt: skip
"""By the word after ``--to``."""
