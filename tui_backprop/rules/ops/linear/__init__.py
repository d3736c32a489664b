"""Rows of linear algebra: products, triangles, factors, eigenvalues, inverses."""
