"""The witness PyTorch: the same program, run and differentiated by somebody else's library."""
