"""A walk outside the terminal, a file per format.

text    transcripts, of a walk and of a replay     document          what documents share
json    for programs                               markdown, latex   documents
"""
