"""How healthy the gradients of a walk are: norms, ratios, flat places, and what they come from.

record     what is measured, and from where on it is called sick
columns    the measurements of many nodes
alike      ops that differ in their numbers only
slopes     how steep elementwise ops are
jacobians  how large the local Jacobians of the others
units      which units of a layer are off
measuring  all of it, of many nodes at once
roots      the cause behind many bad numbers
measures   the whole report
report     all of it as an answer
plot       norms along the walk
"""
