"""The content of each pane: functions from a view to lines."""
