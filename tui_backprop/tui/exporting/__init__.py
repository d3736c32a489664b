"""Walks exported as the screen shows them, and what is exported from the screen.

The app runs unseen, on a terminal that is a list of what was written to it.

- `formats`: the formats of the screen, and with those of `tui_backprop.exports` all that there are
- `unseen`: an app that nobody looks at
- `frame`: a picture of one step, SVG or PNG
- `cast`: a replay as the terminal would have shown it
"""
