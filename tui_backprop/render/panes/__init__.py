"""The content of each pane: functions from a view to lines.

timeline   the status line and the bar       program, note    what the author wrote
graph      the drawing, or the tape          tape, tape_lanes its rows and its left margin
jacobian   J                                 vectors          v, and the gradient
equation   the step                          watching         displays and breakpoints
log, replay   what lies over or under them   node_state       what one node shows
"""
