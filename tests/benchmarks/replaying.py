"""A long replay: all of it printed without a screen, to and fro, and opened on one.

One line forward is compared with one line back, at the beginning and after ten thousand lines.
"""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

from tests.benchmarks.programs import in_turn, ours
from tests.benchmarks.report import compared_lines, verdict
from tests.benchmarks.scenarios import chain
from tui_backprop.cli import main
from tui_backprop.progress import run_to_end
from tui_backprop.replays import load_replay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_backprop.debug.replay.player import Player

_SECONDS: Final = 2.0
_AS_FAST: Final = 1.0
_SAMPLES: Final = 200


def run(home: Path, *, quick: bool) -> list[str]:
    """Print a replay of steps, forward, back and by jumps, then measure single lines."""
    commands = 200 if quick else 10_000
    scenario = chain(home, 300 if quick else 3_000)
    path = home / "long.replay"
    acts = ("step", "step 3", "reverse-step", "next")
    lines = (acts[k % len(acts)] for k in range(commands))
    path.write_text(f"replay: 1\nscenario: {scenario.name}\n\n" + "\n".join(lines) + "\n")
    words = ["replay", str(path), "--headless", "--fast"]
    with redirect_stdout(StringIO()):
        main(["replay", "seed", *words[2:]])  # what is imported when it is first needed
        started = perf_counter()
        main(words)
        seconds = perf_counter() - started
    return [
        f"A replay of {commands:,} commands",
        verdict(f"printed in {seconds:.2f} s, its scenario loaded", seconds, _SECONDS, " s"),
        *_to_and_fro(load_replay(path).player()),
        *_opened(path, scenario, home, rounds=2 if quick else 11),
    ]


def _opened(path: Path, scenario: Path, home: Path, *, rounds: int) -> list[str]:
    """The first screen of a replay against that of its scenario: the seed's, and this one's."""
    lines: list[str] = []
    pairs = ("seed", "vector-double", "Y = 2 * X"), (str(path), str(scenario), "tanh(")
    for replay, walked, shows in pairs:
        contestants = ours(replay, shows, home, "replay"), ours(walked, shows, home)
        played, alone = in_turn(contestants, rounds)
        title = f"Opening {'the long one' if replay == str(path) else 'a replay of the seed'}"
        lines += compared_lines(title, played, alone, _AS_FAST)
    return lines


def _to_and_fro(player: Player) -> list[str]:
    forward = _cost(lambda: run_to_end(player.forward()))
    run_to_end(player.seek(player.length))
    samples = min(_SAMPLES, player.length)
    back = _cost(player.back, samples)
    again = _cost(lambda: run_to_end(player.forward()), samples)
    first = f"{forward * 1e6:.0f} µs the first time, {again * 1e6:.0f} µs again"
    ratio = back / forward
    return [
        f"  a line forward {first}; a line back from the end {back * 1e6:.0f} µs",
        verdict(f"back {ratio:.2f} of forward", ratio, 1.0, ""),
    ]


def _cost(do: Callable[[], object], samples: int = _SAMPLES) -> float:
    found = []
    for _ in range(samples):
        started = perf_counter()
        do()
        found.append(perf_counter() - started)
    return median(found)
