"""Rows of ops that act on each entry alone: arithmetic, functions, choices, activations."""
