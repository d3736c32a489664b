"""The command line: arguments in, assembly of the layers below, exit status out."""
