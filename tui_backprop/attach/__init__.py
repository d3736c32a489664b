"""Other people's programs as walks: what they compute becomes a tape of ours.

    recorded           a tape of given numbers, and the trace that walks it
    pytorch            a PyTorch backward pass as such a tape
    numpy_function     a NumPy function, run on traced arrays, becomes a program: `trace`
    numpy_arrays       the array that the function is given in place of its own
    numpy_record       what was done with such arrays, op by op, with NumPy's own values
    numpy_calls        what NumPy's functions do with such arrays
    numpy_table        which of them is which op: one table
    numpy_binding      the arguments of a call as an op's operands and parameters
    numpy_indexing     the parts of an index
    numpy_lowered      small functions, said in terms of others
    numpy_layout       the same for joining, splitting and turning arrays
    numpy_statistics   the same for order, choice and statistics
    numpy_program      the text of a program that does what was recorded
    numpy_frames       where the user's code stands, what it calls things, what is refused there
    scenario_text      a program with its numbers as a scenario file

It stands on the program language and knows no scenario file but to write one.
"""
