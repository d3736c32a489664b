"""What a program becomes: instructions over slots, as plain data that others write and run.

instructions   the kinds of instructions, and the scopes whose slots they read and write
constants      what a slot may hold that is known while the graph is built
kinds, uses    static arguments, checked
cost           what running it costs at least
"""
