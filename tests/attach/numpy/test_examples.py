"""Functions as people write them: traced unchanged, to the last bit, and with the right slopes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.attach.numpy.differences import check
from tests.attach.numpy.functions import NAMES, examples


@pytest.mark.parametrize("number", range(len(NAMES)), ids=NAMES)
def test_an_example_runs_unchanged(number: int) -> None:
    """Its gradients are those of central differences."""
    function, arrays, settings = examples(np.random.default_rng(11))[number]
    trace = check(function, *arrays, **settings)
    assert trace.function == function.__name__


def test_a_program_reads_as_the_function_does() -> None:
    """Names, operators and nesting are the user's."""
    function, arrays, settings = examples(np.random.default_rng(11))[NAMES.index("neural_net")]
    lines = check(function, *arrays, **settings).graph.program.splitlines()
    assert lines[:3] == [
        "outputs = inputs @ params_0_W + params_0_b",
        "inputs_2 = tanh(outputs)",
        "outputs = inputs_2 @ params_1_W + params_1_b",
    ]


def test_decisions_are_counted_and_reported() -> None:
    """Where the numbers decided how far a loop goes."""
    function, arrays, settings = examples(np.random.default_rng(11))[NAMES.index("fixed_point")]
    trace = check(function, *arrays, **settings)
    ((place, count),) = trace.decisions.items()
    assert place.file.endswith("functions.py")
    assert trace.remarks == (f"{count} comparisons were decided by these numbers",)
    assert trace.graph.program.startswith(f"# {trace.remarks[0]}\n")


def test_unpacked_values_bear_the_names_they_are_given() -> None:
    """In a loop over several lists, and from a tuple."""
    function, arrays, settings = examples(np.random.default_rng(11))[
        NAMES.index("gaussian_mixture")
    ]
    lines = check(function, *arrays, **settings).graph.program.splitlines()
    assert lines[:3] == [
        "log_proportion = params_proportions[0]",
        "mean = params_means[0]",
        "root = params_roots[0]",
    ]
