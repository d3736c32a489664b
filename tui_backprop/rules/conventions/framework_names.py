"""The frameworks that were measured, and what people call them."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.errors import ArgumentError
from tui_backprop.language.message import joined, one_of, said
from tui_backprop.rules.conventions.measured import TITLES, measured
from tui_backprop.spelling import near

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OTHER_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pytorch": "torch",
        "jax.numpy": "jax",
        "jnp": "jax",
        "tf": "tensorflow",
        "autograd.numpy": "autograd",
        "hips": "autograd",
        "hips-autograd": "autograd",
        "paddlepaddle": "paddle",
        "mlx.core": "mlx",
        "mx": "mxnet",
    }
)
"""Other names of frameworks, in small letters: of their packages, and as people import them."""

_RELEASE: Final = re.compile(r"(.*?)[\s=@_-]*v?(\d+(?:\.\d+)*)(\+\w+)?")


def frameworks() -> tuple[str, ...]:
    """The names of all frameworks that were measured."""
    return tuple(measured().versions)


def names_pattern() -> str:
    """A regular expression, as JSON Schema has them, of what may be called so, in any letters."""
    names = sorted({name.partition("-")[0] for name in frameworks()} | set(OTHER_NAMES))
    letters = (
        "".join(f"[{c.upper()}{c}]" if c.isalpha() else f"[{c}]" for c in name) for name in names
    )
    return f"^({'|'.join(letters)})([ =@_-]*v?[0-9.]+)?$"


def check_framework(name: str) -> str:
    """The framework that is meant by a name, as `framework_called` finds it.

    Raises:
        ArgumentError: nobody measured one of that name, or not that release.
    """
    found = framework_called(name)
    if found is None:
        raise ArgumentError(joined("; ", filter(None, refusal(name))))
    return found


def framework_called(name: str) -> str | None:
    """The framework that is meant by a name: its own in any letters, another, or with a release.

    ``JAX``, ``PyTorch``, ``tf``, ``torch-2.13`` and ``torch==2.13.0`` all do.

    Returns:
        Its name in the measured table; None where nobody measured one of that name.
    """
    asked = name.strip().casefold()
    if (own := _own(asked)) is not None:
        return own
    base, release = _with_release(asked)
    return None if base is None else next(_of_release(base, release), None)


def refusal(name: str) -> tuple[str, str]:
    """What is told of a name that is none: that it is, and the likely ones or where all stand."""
    asked = name.strip().casefold()
    base, release = _with_release(asked)
    if base is not None:
        message = said(
            "{framework} {release} was not measured", framework=TITLES[base], release=release
        )
        measured_ones = said("measured: {releases}", releases=joined(", ", _releases(base)))
        return message, measured_ones
    guesses = near(asked, (*frameworks(), *OTHER_NAMES), most=2)
    told = [said("did you mean {guesses}?", guesses=one_of(guesses))] if guesses else []
    told.append(said("'tui-backprop conventions' lists all"))
    return said("no framework '{name}' was measured", name=name), joined(" ", told)


def _with_release(asked: str) -> tuple[str | None, str]:
    """A framework and the release that is asked of it; no framework where none is."""
    found = _RELEASE.fullmatch(asked)
    return (None, "") if found is None else (_own(found[1]), found[2])


def _own(asked: str) -> str | None:
    """The name in the table of what goes by a name without a release."""
    if asked in measured().versions:
        return asked
    spelled = re.sub(r"[\s_]+", "-", asked)
    own = OTHER_NAMES.get(spelled, spelled)
    return own if own in measured().versions else None


def _of_release(own: str, release: str) -> Iterator[str]:
    """The measured frameworks whose version begins with these numbers."""
    wanted = release.split(".")
    for framework, version in measured().versions.items():
        if framework.partition("-")[0] == own:
            numbers = version.partition("+")[0].split(".")
            if numbers[: len(wanted)] == wanted:
                yield framework


def _releases(own: str) -> list[str]:
    """The versions of a framework that were measured."""
    found = measured().versions.items()
    return [version.partition("+")[0] for f, version in found if f.partition("-")[0] == own]
