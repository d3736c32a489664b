"""A recorded walk as a file: one archive that is walked where the program is not.

archive     the container: members, their order, and what is refused before it is read
jacobian    the local Jacobians that are small enough to be kept, and an op that answers by them
writer      a tape → the file
reader      the file → a trace; everything in it is looked at before it is believed
"""
