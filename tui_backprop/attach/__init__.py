"""Other people's programs as walks: their graph becomes a tape of ours.

recorded    a tape of given numbers, and the trace that walks it
agreement   whether a row of the op table does what an op of theirs did
"""
