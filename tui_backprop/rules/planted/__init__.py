"""Derivatives that are wrong on purpose, for a student to find.

kinds   the bugs there are, by name
wrong   a row whose derivatives have one of them, and stay as they are elsewhere
pulls   derivatives that pull back otherwise than a slope at each entry can say
"""
