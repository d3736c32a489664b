"""The words of the field, explained with the numbers of the scenario that is open.

`words` is the table, a row for each word; `example` finds the numbers that its sentences quote;
`lookup` finds the word that a person means.
"""
