"""The screen: Textual wiring around `render`.

app, screen, desk, board   the application, its main screen, what may be asked of it, the panes
commands, view_commands, keymap, palette, prompt, console, help   what a key or a word does
walk_view, view_pane, line_pane, paint   a view of the walk, drawn where it changed
replaying, sheets, picker   replays, sheets over the screen, the list of scenarios
background, key_queue, faults   long work, keys in their order, what went wrong
"""
