"""Box-drawing characters by the weights of their four arms.

It stands apart because every drawing of lines joins them the same way, in Unicode and in ASCII.
"""

from __future__ import annotations

from typing import Final

# Indexed by up · 27 + down · 9 + left · 3 + right, each 0 none, 1 light, 2 heavy.
_STROKES: Final = (
    " ╶╺╴─╼╸╾━╷┌┍┐┬┮┑┭┯╻┎┏┒┰┲┓┱┳╵└┕┘┴┶┙┵┷│├┝┤┼┾┥┽┿╽┟┢┧╁╆┪╅╈╹┖┗┚┸┺┛┹┻╿┞┡┦╀╄┩╃╇┃┠┣┨╂╊┫╉╋"
)


def stroke(up: int, down: int, left: int, right: int, *, is_ascii: bool = False) -> str:
    """The character whose arms have these weights: 0 none, 1 light, 2 heavy.

    In ASCII, corners that open upwards are ``'``, those that open downwards ``.``, joints ``+``;
    heavy lines are ``!`` and ``=`` between them.
    """
    if not is_ascii:
        return _STROKES[up * 27 + down * 9 + left * 3 + right]
    vertical, horizontal = max(up, down), max(left, right)
    if not horizontal:
        return " |!"[vertical]
    if not vertical:
        return " -="[horizontal]
    return "'" if not down else "." if not up else "+"
