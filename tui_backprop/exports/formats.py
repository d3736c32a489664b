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
        choices: the words that may stand there; empty for any.
    """

    flag: str
    use: str
    takes: str = ""
    choices: tuple[str, ...] = ()

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
        endings: other endings, by the option that asks for them.
        beside: by an option that names a second file, the function that writes it.
        package: that the module is in; what shows the screen has a table beside the screen.
    """

    module: str
    function: str
    ending: str
    use: str
    options: tuple[Option, ...] = ()
    needs_replay: bool = False
    endings: Mapping[str, str] = MappingProxyType({})
    beside: Mapping[str, str] = MappingProxyType({})
    package: str = "tui_backprop.exports"

    def write(self, subject: Subject, beside: str = "") -> Iterator[bytes]:
        """The pieces of the file, in order, as they are made; or of the one beside it.

        A function that is no generator does its work here, before there is any file.

        Args:
            subject: what is written.
            beside: the option that names another file; empty for the format's own.

        Raises:
            TuiBackpropError: it cannot be written of such a walk.
        """
        module = import_module(f"{self.package}.{self.module}")
        function = self.beside[beside] if beside else self.function
        written: Callable[[Subject], Iterable[str | bytes]] = getattr(module, function)
        pieces = written(subject)
        return (piece.encode() if isinstance(piece, str) else piece for piece in pieces)


_LEVEL: Final = Option(
    "--level", said("a row for each partial, or for each entry of what a whole edge adds"),
    choices=("partial", "node"),
)  # fmt: skip

_LATEX: Final = Option("--latex", said("LaTeX instead of Markdown"))
_ANSWERS: Final = Option(
    "--answers", said("write the answers too, into a file of their own"), takes=said("FILE")
)

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
        "pytorch": Format(
            "scripts.pytorch", "pytorch", ".py",
            said("a PyTorch script that computes the numbers and asserts them"),
        ),
        "jax": Format("scripts.jax", "jax", ".py", said("the same for JAX")),
        "numpy": Format(
            "scripts.numpy", "numpy", ".py", said("the same for NumPy, differentiated by hand")
        ),
        "worksheet": Format(
            "worksheet", "worksheet", ".md",
            said("a sheet with blanks for a class, in Markdown or LaTeX"),
            options=(_LATEX, _ANSWERS), endings=MappingProxyType({"latex": ".tex"}),
            beside=MappingProxyType({"answers": "answers"}),
        ),
        "csv": Format(
            "csv", "csv", ".csv", said("the walk as a table, a row a step"), options=(_LEVEL,),
        ),
    }
)  # fmt: skip
"""By the word after ``--to``."""
