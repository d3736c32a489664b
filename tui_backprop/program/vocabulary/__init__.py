"""The names that programs use: what each may be, and what is written instead of one that is not.

names     what a program may bind, and which name one that is unknown is near to
aliases   what ops and their arguments are called in other libraries
foreign   what other libraries have and a program has not, with what to write instead
makers    the functions that are no ops: `ones`, `split`
explained what these give, with an example of each
"""
