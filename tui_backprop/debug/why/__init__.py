"""Questions about a walk: why an entry is what it is, why it is zero, where NaN came from.

They stand apart from frames because a frame says what happened in one step, and these answers
follow numbers through many.

    inflow ─ paths ─ contributions      why
                   └ causes ─ killing   why zero
    forward, backward ─ origins         origin nan, origin inf
"""
