"""What other frameworks give where a gradient is a choice.

`measured` reads the table of special points, each number of which was measured in a framework;
`points` says where a walk meets one of them, and which ways there are; `following` makes of a row
of the op table the row as another framework has it; `shares` and `slopes` are the ways themselves.
"""
