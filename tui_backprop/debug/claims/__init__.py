"""Gradients that somebody states, and the first step at which theirs and ours differ.

claims            a stated gradient held against the walk
derivation        where the numbers of a wrong one could come from
first_wrong_step  the step from which on it is wrong
slip              what a slip is; of one edge or of the whole pass
slips, edge_slips, constant_slips   the slips that are known
"""
