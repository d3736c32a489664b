"""A walk as something else: a graph for slides, a table, a page, a sheet to hand out, a script.

A format is a row of the table in `formats`, and a module with the function that writes it.
"""
