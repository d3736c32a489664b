"""What stands in each pane: functions from a view to lines."""
