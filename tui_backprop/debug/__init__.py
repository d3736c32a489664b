"""The debugger: a session that walks a timeline, and what may be asked of it.

session, history, stops, breakpoints   walking, undoing, stopping
debugger                               a session that understands typed lines
place_names, format                    places and numbers, read and written
commands/                              the words that a person types
conditions/                            expressions over the state, searched over many steps
why/                                   why an entry is what it is, zero or not finite
health/                                norms and ratios over the whole walk
claims/                                stated gradients, and the slip behind a wrong one
hunt/                                  a planted bug, compared and accused
quiz/                                  questions about the walk, and answers marked
replay/                                walks recorded and played again
compare, lockstep                      two walks side by side
background                             long work in a thread, given up at any moment
log                                    what was said
"""
