"""The computation graph: built from a program, evaluated forward and backward."""
