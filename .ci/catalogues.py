"""Compile the catalogues: hatchling runs this for a wheel, and for ``pip install -e``.

A language is a ``.po`` that people write. The program reads the ``.mo`` beside it, which is made
here and kept by no version control.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface):
    """Puts a compiled catalogue beside each that was written."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Compile all of them. Messages that are not sure (fuzzy) stay English."""
        for written in sorted(Path(self.root).glob("tui_backprop/locale/*/LC_MESSAGES/*.po")):
            with written.open("rb") as text:
                catalogue = read_po(text, abort_invalid=True)
            with written.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, catalogue)
