"""A walk through an evaluation: every event of building, forward and backward, by its number.

trace       an evaluation with where its numbers came from, and claims about it
timeline    the events as arithmetic, nothing stored; a frame is one of them, looked at
walks       its passes laid out, one after the other
asked       what frames ask for when they are looked at
order       in which order nodes and edges are met, and which step that is
frame       what a frame shows: its phase, its partial and summands, adjoints so far
step_facts  what there is to tell of one partial, or of one update
sums        partial sums of the adjoints, contribution by contribution
partials    the partials of whole edges at once
single      the one partial of an edge between numbers
landmarks   steps where something begins or ends
training    iterations: walks whose steps go on where the one before ended
updates     the steps that end an iteration
groups      over all the steps of a module at once
edge_groups edges of one kind, for walks of many alike
"""
