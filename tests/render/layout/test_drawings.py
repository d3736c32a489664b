from __future__ import annotations

import numpy as np
import pytest

from tests.render.layout.pictures import Picture
from tui_backprop.graph.model import Edge
from tui_backprop.render.layout import NO_MARKS, Canvas, Marks, layout
from tui_backprop.render.text.spans import plain

_DOUBLE = [(), (), (0, 1)]
_DOUBLE_TEXT = ["2", "X", "Y = 2 * X"]
_FAN_OUT = [(), (0, 0), (0, 0), (2, 0), (1, 3)]
_FAN_OUT_TEXT = ["x", "x * x", "x * x", "x * x * x", "Y"]


def _draw(
    parents: list[tuple[int, ...]], texts: list[str], marks: Marks = NO_MARKS, ascii_: bool = False
) -> str:
    drawn = layout(parents, np.array([len(text) for text in texts]))
    canvas = Canvas(
        drawn, lambda n: (texts[n],), len(parents), marks, "ascii" if ascii_ else "unicode"
    )
    lines = [plain(canvas.line(y, 0, drawn.width)).rstrip() for y in range(drawn.height)]
    return "\n" + "\n".join(lines) + "\n"


def test_double() -> None:
    """Two leaves over their reader, wires straight down."""
    assert (
        _draw(_DOUBLE, _DOUBLE_TEXT)
        == """
┌───┐  ┌───┐
│ 2 │  │ X │
└─┬─┘  └─┬─┘
  ▾      ▾
┌───────────┐
│ Y = 2 * X │
└───────────┘
"""
    )


def test_pulling_back() -> None:
    """The current node and edge are heavy, and the arrow head is at the parent."""
    marks = Marks(2, (Edge(1, 2, 1),), is_backward=True)
    assert (
        _draw(_DOUBLE, _DOUBLE_TEXT, marks)
        == """
┌───┐  ┌───┐
│ 2 │  │ X │
└─┬─┘  └─▲─┘
  ▾      ┃
┏━━━━━━━━┻━━┓
┃ Y = 2 * X ┃
┗━━━━━━━━━━━┛
"""
    )


def test_fan_out() -> None:
    """Both edges of ``x * x`` have ports of their own; far readers share a bus that branches."""
    assert (
        _draw(_FAN_OUT, _FAN_OUT_TEXT)
        == """
               ┌─────┐
               │  x  │
               └┬─┬─┬┘
      ┌─────────┘ │ │
      │           ▾ ▾
      │         ┌───────┐
      │         │ x * x │
      │         └───┬───┘
  ┌───┤             │
  │   ├───────┐     │
  ▾   ▾       ▾     ▾
┌───────┐  ┌───────────┐
│ x * x │  │ x * x * x │
└───┬───┘  └─────┬─────┘
    │ ┌──────────┘
    ▾ ▾
  ┌─────┐
  │  Y  │
  └─────┘
"""
    )


def test_marks_in_ascii() -> None:
    """A heavy edge can be told without colour and without Unicode."""
    marks = Marks(3, (Edge(0, 3, 1),), is_backward=True)
    assert (
        _draw(_FAN_OUT, _FAN_OUT_TEXT, marks, ascii_=True)
        == """
               +-----+
               |  x  |
               +^-+-++
      #=========# | |
      #           v v
      #         +-------+
      #         | x * x |
      #         +---+---+
  +---#             |
  |   #=======#     |
  v   v       #     v
+-------+  #==#========#
| x * x |  # x * x * x #
+---+---+  #===========#
    | +----------+
    v v
  +-----+
  |  Y  |
  +-----+
"""
    )


def _gru(steps: int) -> list[tuple[int, ...]]:
    """A gated recurrent unit: weights read at every step, a state that goes through."""
    parents: list[tuple[int, ...]] = [() for _ in range(11)]
    state = 10

    def node(*reads: int) -> int:
        parents.append(reads)
        return len(parents) - 1

    for _ in range(steps):
        x = node()
        z, r = (node(node(node(k, x), node(k + 1, state)), k + 2) for k in (0, 3))
        candidate = node(node(node(6, x), node(7, node(r, state))), 8)
        state = node(node(node(9, z), candidate), node(z, state))
    node(state)
    return parents


@pytest.mark.parametrize("steps", [1, 4, 12])
def test_a_recurrent_network_is_readable(steps: int) -> None:
    """Its width does not grow with its length, and hardly any wire is far from straight."""
    parents = _gru(steps)
    drawn = layout(parents, np.full(len(parents), 5))
    assert drawn.width <= 110
    picture = Picture(Canvas(drawn, lambda n: (str(n),), len(parents)))
    crossings = sum(
        len(picture.arms(x, y)) == 4 for y, row in enumerate(picture.rows) for x in range(len(row))
    )
    assert crossings <= 12 * steps
