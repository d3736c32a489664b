"""Partial derivatives as formulas: made by SymPy, written by us.

symbolic   the formula of an edge's entry, kept once made
alike      those of many steps, by templates    traced_rows   what a row does with its entries
algebra    from a row's formula to the simplest form
plain      in characters      latex, latex_names   in LaTeX
"""
