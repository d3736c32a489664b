"""What is exported as the screen shows it, and from the screen."""
