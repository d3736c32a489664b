"""Other people's programs as walks: what they compute becomes a tape of ours.

    numpy_function   a NumPy function, run on traced arrays, becomes a program: `trace`
    numpy_arrays     the traced array, and the record of what was done with such arrays
    numpy_calls      which function of NumPy is which op: one table
    numpy_lowered    small functions of NumPy, said in terms of others
    numpy_program    the text of a program that does what was recorded
    numpy_frames     where the user's code stands, what it calls things, and what is refused there
    scenario_text    a program with its numbers as a scenario file
"""
