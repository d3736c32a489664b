"""Graphs of computation and their evaluation, without a notion of steps.

model       nodes and edges
modules     which nodes are seen as one from inside of a module
plan        the order and the compiled calls of one evaluation
passes      the two loops, forward and backward
evaluation  values and gradients of a graph at given leaves
jacobian    one edge's partial derivatives, looked up entry by entry
one_sided   slopes beside a kink
arrays, sizes, cache, tolerance, naming, rounding, file_names   what these share
"""
