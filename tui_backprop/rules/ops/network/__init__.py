"""Rows of a network's layers: softmax, normalization, attention, convolution, pools."""
