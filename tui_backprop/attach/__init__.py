"""Other people's programs as walks: what they compute becomes a tape of ours.

    function        `trace`: a function of NumPy or of JAX, told apart by its arrays
    given           a tape of given numbers, and a row for an op that the table does not know
    recorded        the trace that walks it
    thinned         such a walk without its large arrays
    keep            what is kept of a pass: every number, or the norms of large arrays
    later           arrays of such a walk that are not held, and what is known of them
    agreement       whether a row of the op table does what an op of theirs did
    saved           such a walk as a file
    hook            a hook that changed v, or an average over ranks, as a step of it
    pytorch         a PyTorch backward pass as such a tape
    numpy           a NumPy function, run on traced arrays, as a program
    jax             a JAX function, by the equations of its jaxpr, as such a tape
    outputs         one of several outputs of an op
    parameters      what a function's parameters are called, and what a walk can call them
    source          the user's source as the program of a walk
    scenario_text   a program with its numbers as a scenario file

It stands on the program language and knows no scenario file but to write one.
"""
