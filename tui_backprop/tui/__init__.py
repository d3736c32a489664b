"""The screen: Textual wiring around `render`.

app, screen, desk   the application, its main screen, what may be asked of that
panes, line_pane, view_model   the table of panes, a pane, and the state that it is made from
commands, keymap, palette, prompt, console   what a key or a word does
replaying, sheets, picker   replays, pages over the screen such as help, the list of scenarios
run, options   how it is started
notes/   speaker notes in other terminals
runtime/   the driver, keys in their order, painting, what went wrong, long work
"""
