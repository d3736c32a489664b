"""What other frameworks give where a gradient is a choice.

`measured` reads the table of special points, each number of which was measured in a framework;
`framework_names` says what people call a framework; `points` says where a walk meets one of the
points, and which ways there are; `following` makes of a row of the op table the row as another
framework has it; `changes` and `ways` are the ways themselves.
"""
