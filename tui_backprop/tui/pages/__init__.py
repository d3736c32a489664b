"""What is shown in place of a walk: help, the log, what went wrong, and lists to pick from."""
