"""Functions and numbers that NumPy does not have as rows need them: erf on arrays, plain roots.

It stands apart because a row is a formula; this asks the C library for one number after another.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np


def root(m: Any, number: Any) -> Any:
    """√number as a number that keeps float32 in float32; with symbols a formula."""
    return math.sqrt(number) if m is np else m.sqrt(number)


_ERF: Final = np.frompyfunc(math.erf, 1, 1)


def erf(m: Any, x: Any) -> Any:
    """The error function entry by entry, in x's dtype; with symbols a formula."""
    if m is not np:
        return m.erf(x)
    array = np.asarray(x)
    return np.asarray(_ERF(array), dtype=np.result_type(array, np.float32))
