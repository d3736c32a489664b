"""Rows of ops that move entries and change none: indexing, rearranging, joining."""
