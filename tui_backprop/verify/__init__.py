"""Independent witnesses of the gradients, and their reports.

sympy_witness, difference_witness, pytorch/   derive the same another way
sampling   which entries of a large walk are looked at
check      asks all of them       counter   counts for one of them      report   what they say
"""
