"""Running instructions, which makes the nodes of the graph; nothing is known of `ast` here.

machine        loops and calls, and the steps between them
steps          what each kind of step does
applying       the step that applies an op
resolve        reading slots and writing them
masks          conditions that pick entries
tape, calls    the nodes so far, and the composed op that they are made in
entering       what is checked where a composed op is entered
making         what calls such as ``ones`` and ``split`` give
messages       what is said of problems
"""
