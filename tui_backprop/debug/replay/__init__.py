"""Walks that were recorded, and are played again: a text that a person can write by hand.

They stand apart from the session, which walks, because these are about a walk as a whole:

    reader ─→ script               player          recorder
    text → records → text          to and fro      commands → text, as they happen
"""
