"""From `ast` statements to instructions, through an allow-list; nothing is run here.

statements     a whole program: the allow-list of statements
assignments    a value for one name or for several
blocks         what stands in a loop's head, and around a definition's body
expressions    the allow-list of expressions, one function for each kind
operators      signs between operands, comparisons among them
walk           going through the tree of an expression
emitter        writing the instructions
arguments      binding the arguments of a call
methods        ``x.sum()`` as the call that it is
several        calls that give numbers or several arrays
elsewhere      calls whose arguments are others in PyTorch
pairs          calls that have two results in PyTorch
refusals       what is said of anything else
"""
