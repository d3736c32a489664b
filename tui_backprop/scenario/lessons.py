"""The lessons in their order: what each is about, and the shipped scenario that it walks."""

from __future__ import annotations

from typing import Final, NamedTuple

from tui_backprop.language.message import said


class Lesson(NamedTuple):
    """One lesson.

    Attributes:
        topic: in a few words.
        scenario: the name of a shipped one, which narrates and asks.
    """

    topic: str
    scenario: str


LESSONS: Final = (
    Lesson(said("one derivative"), "first-derivative"),
    Lesson(said("the chain rule"), "chain-rule"),
    Lesson(said("fan-out and sums"), "paths-meet"),
    Lesson(said("the Jacobian"), "matvec"),
    Lesson(said("what is v"), "what-is-v"),
    Lesson(said("broadcasting"), "broadcast-bias"),
    Lesson(said("matrix products"), "matrix-product"),
    Lesson(said("softmax with cross-entropy"), "softmax-cross-entropy"),
    Lesson(said("a network"), "mlp-2-3-1"),
    Lesson(said("accumulation and zero_grad"), "gradient-accumulation"),
    Lesson(said("vanishing and exploding"), "vanish-explode"),
    Lesson(said("NaN"), "nan-behind-where"),
)
"""Numbered from 1 on the command line."""
