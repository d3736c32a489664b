"""A walk outside the terminal, a file per format.

text      a transcript              document   the events that all documents share
json      machine-readable          markdown, latex   documents
replay    a replay's transcript     health     tables of health
"""
