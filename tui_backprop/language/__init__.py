"""What the product says, and how it is said in other languages.

message     sentences that remember what they were made of; answers of commands
catalogue   the languages there are, and a message in one of them
"""
