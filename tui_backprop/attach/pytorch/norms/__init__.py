"""Walks of big models, of which norms are kept and the rest is had by running the pass again."""
