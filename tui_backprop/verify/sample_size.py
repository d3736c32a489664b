"""Which entries to look at where there are too many.

It stands apart because two runs of a check must look at the same ones: drawn at random, so that no
pattern of a Jacobian hides from them, from a seed that is the place itself.
"""

from __future__ import annotations

import numpy as np


def sample(total: int, most: int, *place: int) -> list[int]:
    """At most ``most`` numbers below ``total``, ascending; all of them where they fit.

    The first and the last are always among them, where two fit.

    Args:
        total: how many there are.
        most: how many are wanted.
        place: whatever tells this sample from others; the same place gives the same sample.
    """
    if total <= most:
        return list(range(total))
    if most < 3:
        return [0, total - 1][: max(most, 0)]
    random = np.random.default_rng(place)
    inner = random.choice(total - 2, size=most - 2, replace=False, shuffle=False) + 1
    return [0, *sorted(int(k) for k in inner), total - 1]
