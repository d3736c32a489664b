"""Scenario files: from YAML to a checked model, with the place of everything that is wrong."""
