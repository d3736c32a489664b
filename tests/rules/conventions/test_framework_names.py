"""What people call the frameworks that were measured."""

from __future__ import annotations

import re

import pytest

from tui_backprop.errors import ArgumentError
from tui_backprop.rules.conventions.framework_names import (
    OTHER_NAMES,
    check_framework,
    framework_called,
    frameworks,
    names_pattern,
)
from tui_backprop.rules.conventions.measured import TITLES, full_title, title


@pytest.mark.parametrize("framework", frameworks())
def test_a_framework_is_found_by_all_that_is_printed_of_it(framework: str) -> None:
    """In any letters, with its version and without."""
    for name in (framework, framework.upper(), title(framework), full_title(framework)):
        assert check_framework(name) == framework, name


@pytest.mark.parametrize(("other", "own"), OTHER_NAMES.items())
def test_other_names_are_of_frameworks_and_none_of_them_is_a_name(other: str, own: str) -> None:
    """Else one would hide the other."""
    assert own in frameworks()
    assert other not in frameworks()
    assert other not in TITLES
    assert framework_called(f"  {other.title()} ") == own


@pytest.mark.parametrize(
    ("name", "framework"),
    [
        ("torch-2.13", "torch"),
        ("torch==2.13.0+cpu", "torch"),
        ("PyTorch 2.14", "torch-2.14"),
        ("torch2", "torch"),
        ("jax-0.12", "jax"),
        ("jax v0.10.2", "jax-0.10"),
        ("tf2", "tensorflow"),
        ("HIPS_autograd", "autograd"),
    ],
)
def test_a_release_is_found_by_its_first_numbers(name: str, framework: str) -> None:
    """The one that is meant by the bare name, where several begin so."""
    assert framework_called(name) == framework


@pytest.mark.parametrize("name", ["torch-1.9", "torch-2.1", "keras", "", "2", "-", "tensor flow x"])
def test_what_was_not_measured_is_none(name: str) -> None:
    """``2.1`` is not the beginning of ``2.13``."""
    assert framework_called(name) is None
    with pytest.raises(ArgumentError):
        check_framework(name)


@pytest.mark.parametrize("name", [*frameworks(), *OTHER_NAMES, "JAX", "PyTorch", "torch==2.13.0"])
def test_the_schema_knows_the_names_that_are_read(name: str) -> None:
    """In any letters, and with a release."""
    assert framework_called(name) is not None
    assert re.fullmatch(names_pattern(), name)
    assert not re.search(names_pattern(), f"{name}x")
