"""From `ast` statements to instructions, through an allow-list; nothing is run here.

statements     assignments, loops, definitions
expressions    one function for each kind of expression
emitter        writing the instructions
arguments      binding the arguments of a call
methods        ``x.sum()`` as the call that it is
several        calls that give numbers or several arrays
refusals       what is said of anything else
"""
