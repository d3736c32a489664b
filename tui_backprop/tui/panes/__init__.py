"""The panes of the debugger, one file each; none knows another."""
