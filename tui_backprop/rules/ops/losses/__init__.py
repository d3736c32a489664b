"""Rows of losses, and what a target asks of the classes."""
