"""The same formulas as others compute them, each written as its own users would write it."""
