"""The walk as it would be spoken: sentences without signs, for ears, screen readers and tests."""
