"""A walk outside the terminal: a file for each format of the table in ``cli/trace.py``.

text   also the transcript of a replay     document   what Markdown and LaTeX share
json   the object                          json_steps, json_arrays   its steps, and its arrays
"""
