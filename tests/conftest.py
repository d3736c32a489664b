"""How properties are tried here: no example is timed, since a busy machine must fail nothing.

HYPOTHESIS_PROFILE chooses how many are: ``default``, ``ci`` for the full run, ``long`` for a night.
"""

import os
import signal

from hypothesis import settings

for name, examples in {"default": 20, "ci": 60, "long": 2000}.items():
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
