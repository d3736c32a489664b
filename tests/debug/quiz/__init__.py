"""Questions about a walk, and what is made of answers."""
