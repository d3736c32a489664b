"""Rows of ops along axes: sums, statistics, norms, running values, the order of entries."""
