"""Hunting a planted bug."""
