"""The backward pass of a PyTorch program as a walk.

graph      the nodes behind a loss, and why some graphs cannot be walked
recording  what a forward pass was while it ran: values, lines, modules
record     one backward pass with a hook on every node
ops        one node as an op: asked for VJPs and JVPs when J is looked at
names      what the caller calls tensors and parameters
tape       all of it as a tape of given numbers
trace      `attach`: the trace, with gradients by tensor
"""
