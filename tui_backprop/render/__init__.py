"""Frames as text: numbers, names, panes and exports, none of which needs a terminal."""
