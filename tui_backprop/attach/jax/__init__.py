"""A JAX function as a walk: its jaxpr, equation by equation, with the numbers that JAX computes.

function   `trace`: the function and its arrays in, a trace out
record     the equations, run one by one: forward, then backward in the order of `jax.grad`
flow       what a derivative flows through
calls      equations that hold others: inlined, unrolled, or the branch that was taken
lines      the user's line of an equation
ops        one equation as an op that is asked for VJPs and JVPs when J is looked at
patterns   which entries of J can be non-zero, by the name of the primitive
tape       all of it as a tape of given numbers
"""
