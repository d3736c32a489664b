"""The backward pass of a PyTorch program as a walk.

graph      the nodes behind a loss, and why some graphs cannot be walked
recording  what a forward pass was while it ran: values, lines, modules
record     one backward pass with a hook on every node
numbers    the numbers of a pass as those of a tape, every one held
outline    likewise, the norms alone: running a part of it again gives what is looked at
waiting    what a running pass has added up for the nodes that are still to run
cuts       places of a pass from which a stretch of it can be run alone
again      that, or the whole pass, run again for what is looked at
memory     memory of passing arrays, given back
once       graphs that run backward only once, which are refused
ops        one node as an op: asked for VJPs and JVPs when J is looked at
keys       what a node that picks entries saved, as a key
reading    what a node saved, as operands and parameters of an op of the table
recognition  which node may be which op of the table
matching   which one it is, by its numbers
moving     the values of nodes, also around ops that only move entries
names      what the caller calls tensors and parameters
tape       all of it as a tape of given numbers
ranks      whether all ranks of a distributed program look at the same pass
ddp        the average over ranks that DistributedDataParallel takes
sharded    models in pieces, which are refused
trace      `attach`: the trace, with gradients by tensor
running    a program stopped at one of its backward passes
"""
