"""Walks that were recorded and are played again, as a text that a person can also write.

A replay is understood as a whole before it is played:

    reader ─→ script               player          recorder
    text → records → text          to and fro      commands → text, as they happen
"""
