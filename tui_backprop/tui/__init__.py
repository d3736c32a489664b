"""The screen: Textual wiring around `render`.

app, screen, desk, board   the application, its main screen, what may be asked of it, the panes
commands, view_commands, keymap, palette, prompt, console, help   what a key or a word does
walk_view, view_pane, line_pane   a view of the walk, drawn where it changed
replaying, sheets, picker   replays, sheets over the screen, the list of scenarios
runtime/   the driver, keys in their order, painting, what went wrong, long work
"""
