"""Expressions about the state at the cursor: ``norm(X.grad) > 10 and not isfinite(v)``.

They share the language of programs. What they read changes from step to step, and may not be
computed yet.

    references ─ evaluation ─ reading ─ expression ─ questions   one step, exactly
            ├─ interval_ops ─ segment ┐
            │                         ├─ search                 many steps at once
            └─ together ─ running_sums ─ moments                exactly, too
"""
