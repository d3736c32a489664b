"""Questions about a walk, and what is made of the answers; no terminal is needed.

spelled                   answers in the program's characters, however they were typed
typed, arithmetic         numbers, shapes, yes and no
formulas, misread         formulas read, none of them executed, and advice where none could be
comparing, proof          a formula compared with the right one
slips                     those of `claims`, with the numbers that they give here
question, given, hints    what is asked, what is told with it, what helps
making                    one question of a kind at a step
places, choosing          which questions are asked of a walk
marking                   an answer marked, in a sentence
quiz                      one question after the other, tries and hints
progress                  what is remembered from one time to the next
"""
