"""The screen: Textual wiring around `render`.

app, screen, desk   the application, its main screen, what may be asked of that
panes, line_pane, walk_view   the table of panes, a pane, and the view of the walk that it shows
commands, keymap, palette, prompt, console   what a key or a word does
replaying, sheets, picker   replays, pages over the screen such as help, the list of scenarios
run, options   how it is started
runtime/   the driver, keys in their order, painting, what went wrong, long work
"""
