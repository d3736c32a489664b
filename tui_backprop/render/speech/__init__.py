"""Steps and formulas in words, English and Chinese.

reader      formulas → words       words       the words themselves
sentences   one step               transcript  a whole walk or replay
"""
