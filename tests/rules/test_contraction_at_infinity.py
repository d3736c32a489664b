"""Contractions pull an infinite v back term by term, as the walk adds them up."""

from __future__ import annotations

import numpy as np

from tests.strategies import GraphMaker


def test_infinity_times_zero_is_nan_in_the_sum() -> None:
    """One repeated number as v: inf · 2 + inf · 0 + inf · 3 is NaN, not inf · 5."""
    maker = GraphMaker()
    c = maker.constant([[0.5, 2.0, 1.0], [2.0, 0.0, 3.0]])
    x = maker.input([[1.0, 2.0], [4.0, 5.0]], "x")
    maker.op("sum", maker.op("tensordot", c, x, axes=((0,), (1,))))
    trace = maker.trace().rerun(v=np.inf)
    assert trace.grad["x"].tolist()[0][0] == np.inf
    assert np.isnan(trace.grad["x"][:, 1]).all()
    last = trace.timeline[-1].adjoint(x)
    np.testing.assert_array_equal(last.at(np.arange(4)), trace.grad["x"].ravel())
