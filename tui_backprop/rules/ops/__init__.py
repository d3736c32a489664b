"""The rows of the op table, a folder per kind; `tui_backprop.rules` names them all.

In every row ``m`` is the interpretation: NumPy, or a namespace of SymPy functions under NumPy's
names, so that one row gives numbers and formulas. Unless a file says otherwise ``x`` is the
operand, ``y`` the value of the op, already computed, and ``v`` its cotangent; j and i are places in
y and in x, and a partial is ∂y[j]/∂x[i].
"""
