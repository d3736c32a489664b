"""Questions about a walk: why an entry is what it is, why it is zero, where NaN came from.

A frame says what happened in one step; these answers follow numbers through many. Each is found
first, as a record, and then put into words:

    summands ─ paths ─ contributions           why          contributions_text
                   └ first_zero ─ zero         why zero     zero_text
         operands ─ zero_causes ┘
    nonfinite_backward ─ nonfinite             origin nan   nonfinite_text
    written ─ rewriting ─ choices ─ cures      a cure            ┘
"""
