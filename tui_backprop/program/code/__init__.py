"""What a program becomes: instructions over slots, as plain data that others write and run.

instructions   the kinds of instructions
scope          the slots that they read and write, and names for them
constants      what a slot may hold that is known while the graph is built
folding        ops on such values
kinds, uses    static arguments, checked
cost           what running it costs at least
"""
