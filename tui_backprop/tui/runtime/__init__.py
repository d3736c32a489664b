"""What keeps the screen alive, whatever it shows: most of it beside or below Textual's own ways.

terminal    the driver: signals, Ctrl-Z, a terminal that is gone
key_queue   a key goes when the one before has had its effect
paint       single lines on the terminal at once
faults      what is raised anywhere is said, and the last good state stands
background  long work beside the screen, given up at any moment
algebra     what no first screen waits for
"""
