"""A NumPy function as a walk: run on traced arrays, it becomes a program.

function     `trace`: the function and its arrays in, a trace out
arrays       the array that the function is given in place of its own
record       what was done with such arrays, op by op, with NumPy's own values
calls        what NumPy's functions do with such arrays
table        which of them is which op: one table
binding      the arguments of a call as an op's operands and parameters
indexing     the parts of an index
lowered      small functions, said in terms of others
layout       the same for joining, splitting and turning arrays
factors      functions with several results, each of which is an op
statistics   the same for order, choice and statistics
program      the text of a program that does what was recorded
frames       where the user's code stands, what it calls things, what is refused there
"""
