"""How properties are tried here: no example is timed, since a busy machine must fail nothing.

HYPOTHESIS_PROFILE chooses how many are: ``default``, ``ci`` for the full run, ``long`` for a night.
"""

import os

from hypothesis import settings

for name, examples in {"default": 20, "ci": 60, "long": 2000}.items():
    settings.register_profile(name, deadline=None, max_examples=examples)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
