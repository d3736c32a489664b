"""Hunting a bug that is planted in a walk; no terminal is needed.

faults       where a walk departs from the right derivatives, from the v that each node gets
accused      what was accused so far
accusing     a node and a bug accused, and what is said of it
differences  an adjoint held against central differences, whatever the derivatives say
"""
