"""How tests are run here: how many examples, how many workers, and what they leave on the disk.

HYPOTHESIS_PROFILE chooses how many examples a property has: ``default``, ``ci`` for the full run,
``few`` for what another Python could break, ``long`` for a night. None of them is timed, since a
busy machine must fail nothing. ``--share`` says how many of their cases are run.
"""

import gc
import os
import signal
import sys
from collections.abc import Generator

import pytest

# Each worker would compile every test anew, and each of the hundreds of programs that tests start
# would compile ours: that is a third of the whole run.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Programs speak English here, whatever language the machine is in, unless a test asks.
os.environ["LANGUAGE"] = "en"

from hypothesis import given, settings  # noqa: E402 - what it is compiled to is kept as well
from hypothesis.strategies import none  # noqa: E402 - it comes with the line above

for name, examples in {"few": 4, "default": 12, "ci": 60, "long": 2000}.items():
    # What lands is tried on the same examples everywhere; the long run looks for others.
    is_fixed = name != "long"
    settings.register_profile(name, deadline=None, max_examples=examples, derandomize=is_fixed)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# What is started under nohup or in the background of a shell ignores these, and so would every
# program that a test starts and sends them to.
for name in ("SIGHUP", "SIGINT", "SIGQUIT"):
    number = getattr(signal, name, None)
    if number is not None and signal.getsignal(number) is signal.SIG_IGN:
        handler = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
        signal.signal(number, handler)


@settings(max_examples=1, database=None)
@given(none())
def draw_an_example(_nothing: None) -> None:
    """With its first, Hypothesis takes charge of NumPy's random numbers.

    It asks the collector of garbage who holds them, and so must ask before anything is frozen.
    """


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected lives until the end: Python need not look through it for garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        draw_an_example()
        gc.freeze()
        gc.set_threshold(50_000, 10, 10)  # of 700 the search for garbage is a tenth of the run
        gc.enable()


def thin(items: list[pytest.Item]) -> None:
    """Mark what ``few`` leaves out as ``exhaustive`` or ``long``; what stays is spread."""
    of_tests: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("few"):
            of_tests.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for some in of_tests.values():
        mark = some[0].get_closest_marker("few")
        assert mark is not None
        leave(some, mark.args[0], "exhaustive")
        if len(mark.args) > 1:
            leave([i for i in some if i.get_closest_marker("exhaustive")], mark.args[1], "long")


def leave(items: list[pytest.Item], most: int, mark: str) -> None:
    """Mark all but so many of those that have no such mark yet."""
    free = [item for item in items if not item.get_closest_marker(mark)]
    kept = {k * len(free) // most for k in range(most)}
    for k, item in enumerate(free):
        if k not in kept:
            item.add_marker(mark)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--share 3`` runs of each test a third of its parameters, and one at least."""
    parser.addoption("--share", type=int, default=1, help="run one of so many cases of each test")


def shared(items: list[pytest.Item], count: int) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """One of so many cases of each test, spread over them, and the rest.

    What runs elsewhere whole is tried here in part: every test is, and no mark leaves it out. A
    test that bears the mark ``whole`` is never parted.
    """
    of_tests: dict[tuple[str, frozenset[str]], list[pytest.Item]] = {}
    for item in items:
        marks = frozenset(mark.name for mark in item.iter_markers()) & {"exhaustive", "long"}
        of_tests.setdefault((item.nodeid.partition("[")[0], marks), []).append(item)
    kept = {
        id(item)
        for some in of_tests.values()
        for item in some[:: 1 if some[0].get_closest_marker("whole") else max(count, 1)]
    }
    return [i for i in items if id(i) in kept], [i for i in items if id(i) not in kept]


def waits(item: pytest.Item) -> bool:
    """Whether a test mostly waits: for a screen that settles, for a program in a terminal."""
    return "tui" in item.path.parts[-3:-1] or item.path.name.startswith("test_terminal")


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by mark
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of several workers only some may wait at a time, or the machine does nothing.

    What waits is therefore spread among what computes; each of the two stays in its order.
    """
    thin(items)
    items[:], rest = shared(items, config.getoption("--share"))
    if rest:
        config.hook.pytest_deselected(items=rest)
    if not hasattr(config, "workerinput"):
        return
    waiting = [item for item in items if waits(item)]
    working = [item for item in items if not waits(item)]
    places = [(k / max(1, len(some)), item) for some in (working, waiting)
              for k, item in enumerate(some)]  # fmt: skip
    items[:] = [item for _, item in sorted(places, key=lambda place: place[0])]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Three workers for two cores, for many a test waits: for a terminal, a program, a screen.

    At most sixteen, as each of them collects everything; whoever asks for a number gets it.
    """
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    has_affinity = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return min(cores + (cores + 1) // 2, max(16, cores // 2))
