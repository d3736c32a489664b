"""How healthy the gradients of a walk are: norms, ratios, flat places, and what they come from.

record    what is measured, and from where on it is called sick
norms     of values, gradients and Jacobians
measures  what is looked at, with a verdict, and the cause behind many bad numbers
report    all of it as an answer
plot      norms along the walk
"""
