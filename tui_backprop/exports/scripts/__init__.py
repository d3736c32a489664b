"""Scripts for PyTorch, JAX and NumPy that compute a walk's numbers and assert them.

They are written from the graph: a statement for each node, in the words of the table of `words`.
What a target has no words for is refused, and no script is written.
"""
