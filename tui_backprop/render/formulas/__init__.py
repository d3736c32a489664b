"""Partial derivatives as formulas: made by SymPy, written by us.

symbolic   the formula of an edge's entry, kept once made
algebra    from a row's formula to the simplest form
plain      in characters      latex, latex_names   in LaTeX
"""
