"""How much of a surface is tried."""

from __future__ import annotations

from typing import Final

from hypothesis import HealthCheck, settings

from tui_backprop.limits import DEFAULT_LIMITS

LIMITS: Final = DEFAULT_LIMITS.raised(
    file_bytes=1 << 15, nodes=400, instructions=2000, elements=2000, total_elements=20_000,
    multiplications=10**6, searched=2000, replay_lines=300,
)  # fmt: skip
"""Of everything that is drawn: what a size may be is found out with small ones."""

LIMIT_WORDS: Final = tuple(
    word
    for name in ("nodes", "instructions", "elements", "total_elements", "multiplications",
                 "searched", "replay_lines")
    for word in ("--limit", f"{name}={getattr(LIMITS, name)}")
)  # fmt: skip
"""The same on a command line."""


def effort(share: float) -> settings:
    """So much of the profile's number of examples: a screen costs more than a line.

    Args:
        share: of the examples.
    """
    examples = max(1, round(settings().max_examples * share))
    # What is drawn is large and sometimes turned down, which says nothing about the program.
    slow = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much,
            HealthCheck.large_base_example, HealthCheck.function_scoped_fixture)  # fmt: skip
    return settings(max_examples=examples, suppress_health_check=slow)
