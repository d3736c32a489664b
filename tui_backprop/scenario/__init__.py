"""Scenario files: from YAML to a model, every problem with its place.

yaml_text → compose → yaml_tree     text, checked before any parser sees it, as a located tree
records, fields, kinds, leaves      the keys there are, and what they hold
load, names, claims, model          the model put together
report                              problems, collected and sorted
files, array_files                  where scenarios and arrays are found
"""
