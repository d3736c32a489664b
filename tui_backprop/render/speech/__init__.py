"""Steps and formulas in words, English and Chinese.

transcript   a step, a walk, a replay       reader   formulas → words
words        the words themselves
"""
