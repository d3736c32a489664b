"""The timeline, its frames, and the session that walks it: a debugger without a screen."""
