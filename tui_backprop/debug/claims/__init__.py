"""Gradients that somebody states, and the first step at which theirs and ours differ.

claims      a stated gradient held against the walk, and the first step at which it is wrong
derivation  where the numbers of a wrong one could come from
slips       the slips that are known: of a whole derivation,
edge_slips  and of one local derivative
"""
