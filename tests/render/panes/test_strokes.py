"""Box-drawing characters."""

from __future__ import annotations

import itertools
import unicodedata

from tui_backprop.render.panes.tape_lanes import stroke

ARMS = list(itertools.product(range(3), repeat=4))


def test_every_combination_has_a_character_of_its_own() -> None:
    """81 combinations, 81 characters."""
    assert len({stroke(*arms) for arms in ARMS}) == 81


def test_characters_have_the_arms_that_their_names_say() -> None:
    """Unicode's own names name the directions that are drawn."""
    for arms in ARMS[1:]:
        words = set(unicodedata.name(stroke(*arms)).split())
        drawn = {
            direction
            for direction, both in zip(
                ("UP", "DOWN", "LEFT", "RIGHT"),
                ("VERTICAL", "VERTICAL", "HORIZONTAL", "HORIZONTAL"),
                strict=True,
            )
            if {direction, both} & words
        }
        expected = {d for d, w in zip(("UP", "DOWN", "LEFT", "RIGHT"), arms, strict=True) if w}
        assert drawn == expected
        assert ("HEAVY" in words) == (2 in arms)


def test_ascii_stays_ascii() -> None:
    """Straight lines tell light from heavy."""
    assert all(stroke(*arms, is_ascii=True).isascii() for arms in ARMS)
    assert stroke(1, 1, 0, 0, is_ascii=True) == "|"
    assert stroke(2, 2, 0, 0, is_ascii=True) == "!"
    assert stroke(0, 0, 2, 2, is_ascii=True) == "="
    assert stroke(1, 0, 1, 0, is_ascii=True) == "'"
    assert stroke(1, 1, 1, 0, is_ascii=True) == "+"
