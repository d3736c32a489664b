"""What frameworks give at kinks, ties and other special points: measured, never remembered.

`measure` runs the calls of whichever framework is installed; tests do not run it.
"""
