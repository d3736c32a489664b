"""The stated limits, in one place, each with the name that raises it.

The file reader, the program reader and the evaluator all honour them.
"""

from __future__ import annotations

from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass, replace
from tui_backprop.errors import LimitError
from tui_backprop.language.message import joined, said

if TYPE_CHECKING:
    from collections.abc import Mapping


MOST_AXES: Final = 32
"""More axes than this not every op of NumPy can take, whatever somebody allows."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused before it is attempted. Every field can be raised with ``--limit NAME=N``.

    Attributes:
        file_bytes: size of a scenario file, in bytes.
        nesting: depth of brackets and lists, in files and in programs.
        nodes: nodes of a graph.
        instructions: program steps after unrolling loops and inlining functions.
        axes: axes of one array.
        elements: elements of one array.
        total_elements: elements of all values of a graph together. Each takes 16 bytes with its
            adjoint, and ``set`` holds two evaluations at a time: all that within a gigabyte.
        multiplications: of the whole forward pass, or what takes as long.
        exponent: exponent of an integer constant.
        digits: digits of one number in a program or file.
        replay_lines: lines of a replay that do something.
        searched: steps that one search of a replay, or under ``--batch``, looks at one by one.
        walk_bytes: size of the file of a saved walk, in bytes.
    """

    file_bytes: int = 1 << 20
    nesting: int = 64
    nodes: int = 10**6
    instructions: int = 2 * 10**6
    axes: int = MOST_AXES
    elements: int = 10**7
    total_elements: int = 21 * 10**6
    multiplications: int = 10**10
    exponent: int = 10**4
    digits: int = 400
    replay_lines: int = 10**5
    searched: int = 10**5
    walk_bytes: int = 1 << 29

    def check(self, name: str, found: int, what: str) -> None:
        """Raise `LimitError` when ``found`` exceeds the limit called ``name``.

        Args:
            name: a field of this class.
            found: the number met.
            what: the thing counted, such as ``"the array 'Y'"``.
        """
        allowed: int = getattr(self, name)
        if found > allowed:
            cap = _CAPS.get(name)
            how = said(" (raise it with {option})", option=f"--limit {name}={found}")
            if cap is not None and found > cap:
                how = said(" (it cannot be raised further)") if allowed == cap else ""
            raise LimitError(said(
                "{what}: {found} {name} exceed the limit of {allowed}{how}",
                what=what, found=f"{found:,}", name=_COUNTED[name],
                allowed=f"{allowed:,}", how=how,
            ))  # fmt: skip

    def raised(self, **changes: int) -> Limits:
        """A copy with other numbers.

        Raises:
            LimitError: there is no limit of that name, or it cannot be raised so far.
        """
        known = {f.name for f in fields(self)}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise LimitError(said("unknown limit '{name}'; known: {known}", name=unknown[0],
                                  known=joined(", ", sorted(known))))  # fmt: skip
        for name, cap in _CAPS.items():
            if changes.get(name, 0) > cap:
                raise LimitError(said("the limit of {name} is at most {cap}: NumPy takes no more",
                                      name=name, cap=cap))  # fmt: skip
        return replace(self, **changes)


_COUNTED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "file_bytes": said("file bytes"),
        "nesting": said("nesting"),
        "nodes": said("nodes"),
        "instructions": said("instructions"),
        "axes": said("axes"),
        "elements": said("elements"),
        "total_elements": said("total elements"),
        "multiplications": said("multiplications"),
        "exponent": said("exponent"),
        "digits": said("digits"),
        "replay_lines": said("replay lines"),
        "searched": said("steps searched"),
        "walk_bytes": said("walk bytes"),
    }
)
"""What each limit counts, in words."""

_CAPS: Final[Mapping[str, int]] = MappingProxyType({"axes": MOST_AXES})
"""The limits that can be lowered, and not be raised beyond a number."""


DEFAULT_LIMITS: Final = Limits()
