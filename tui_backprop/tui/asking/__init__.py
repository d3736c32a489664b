"""The command line of the screen, and what is answered to it."""
