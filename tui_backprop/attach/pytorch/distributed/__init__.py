"""Passes of several processes: what their ranks do together."""
