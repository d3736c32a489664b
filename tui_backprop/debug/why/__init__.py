"""Questions about a walk: why an entry is what it is, why it is zero, where NaN came from.

They stand apart from frames because a frame says what happened in one step, and these answers
follow numbers through many. Each is found first, as a record, and then put into words:

    inflow ─ paths ─ contributions             why          contributions_text
                 └ killing ─ zero              why zero     zero_text
            causes, unread ┘
    spoiled ─ origins_backward ─ origins       origin nan   origins_text
         hints, reductions, sources ┘
    written ─ rewriting ┐
               formulas ┴ cures                a cure       cures_text
"""
