"""The terminal application: Textual, wiring and drawing, nothing else."""
