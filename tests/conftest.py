"""How properties are tried here: no example is timed, since a busy machine must fail nothing."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None, max_examples=60)
settings.load_profile("untimed")
