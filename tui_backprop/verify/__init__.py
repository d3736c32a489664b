"""Independent witnesses against the engine, and their report."""
