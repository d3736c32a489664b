"""Running instructions, which makes the nodes of the graph; nothing is known of `ast` here.

machine        steps, loops, calls
resolve        reading slots and writing them
tape, calls    the nodes so far, and the composed op that they are made in
entering       what is checked where a composed op is entered
making         what calls such as ``ones`` and ``split`` give
messages       what is said of problems
"""
