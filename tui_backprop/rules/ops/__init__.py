"""The rows of the op table, a file per family; `tui_backprop.rules` names them all."""
