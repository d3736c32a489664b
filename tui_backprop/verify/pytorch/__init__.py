"""PyTorch as a witness: each op's peer, run on the same numbers."""
