"""The content of each pane: functions from a view to lines, a file per pane but for these.

timeline      the status line and the bar        vectors         v, and the gradient
tape          the graph, as rows                 tape_lanes      the left margin of that
node_state    what one node shows                step_sentences  the step in words
log, replay   what lies over or under the panes
"""
