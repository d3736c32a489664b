"""What goes on under a walk: a replay, the first steps, and the look at the file on the disk."""
