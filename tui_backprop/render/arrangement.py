"""Where the panes lie: each gets the rows and columns that it needs, as far as there are any.

What a pane needs is said by the walk, and by whether it builds the graph, not by the step, so that
panes stay where they are while one steps; see `render.needs`. A screen is bands, one below the
other::

    status
    program | graph                       (what is watched stands under the program)
    the board, or J | v | gradient       (or the loss of a training, while there is no J)
    step | note                          (in one pane on small screens)
    timeline
    keys
"""

from __future__ import annotations

from heapq import heapify, heappop, heapreplace
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Rows = Callable[[int], int]

_TINY, _LOW = 10, 20
"""Lines from which on there is more than the step, and all panes."""
_SLIM: Final = 60
"""Columns from which on more than one pane stands beside another."""
_TALL: Final = 36
"""Lines from which on the longest step is in sight beside any graph."""
_SHORT_STEP: Final = 5
"""Rows in which the formulas of a step are in sight, with what they do not say."""
_LONG_STEP: Final = 2
"""Rows that a step which says more than most needs beyond theirs."""


class Place(NamedTuple):
    """Cells of the screen, with the border of what lies there."""

    x: int
    y: int
    width: int
    height: int


class Need(NamedTuple):
    """What shows all of a pane.

    Attributes:
        cells: across, without its border.
        rows: down, in so many cells across.
    """

    cells: int
    rows: Rows


class Claim(NamedTuple):
    """How much of something one of several wants.

    Attributes:
        least: what it gets first.
        most: what it can use.
        weight: how much of what is short it gets beside the others.
        stretch: how much of what nobody needs.
        rare: how much more it can use now and then, which it gets before anybody stretches.
    """

    least: int
    most: int
    weight: int = 1
    stretch: int = 0
    rare: int = 0


def shared(room: int, claims: Sequence[Claim]) -> list[int]:
    """How much each gets: all of the room together, if anybody stretches.

    First what each gets at least, cut from the largest where even that is too much; then up to
    what each can use, by weight; then up to what it can use now and then; then the rest, by
    stretch.
    """
    found = [claim.least for claim in claims]
    while sum(found) > max(room, 0):
        found[found.index(max(found))] -= 1
    for limit, weights in (
        ([claim.most for claim in claims], [claim.weight for claim in claims]),
        ([claim.most + claim.rare for claim in claims], [claim.rare for claim in claims]),
        ([room] * len(claims), [claim.stretch for claim in claims]),
    ):
        short = [
            ((found[k] + 1) / w, k) for k, w in enumerate(weights) if w and found[k] < limit[k]
        ]
        heapify(short)  # each cell goes to whom it leaves with the least for its weight
        for _ in range(room - sum(found)):
            if not short:
                break
            k = short[0][1]
            found[k] += 1
            if found[k] < limit[k]:
                heapreplace(short, ((found[k] + 1) / weights[k], k))
            else:
                heappop(short)
    return found


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What decides where panes lie, but for the size of the screen.

    Attributes:
        needs: of the panes, by name.
        is_board: whether v, J and the gradient stand on the board.
        has_note: whether there is a note now; its cells go to the step where there is none.
        is_watching: whether there are displays or breakpoints.
        has_loss: whether the curve of the loss stands where J does otherwise.
    """

    needs: Mapping[str, Need]
    is_board: bool
    has_note: bool
    is_watching: bool
    has_loss: bool = False

    def places(self, width: int, height: int, *, is_boxed: bool) -> dict[str, Place]:
        """The panes that are shown on a screen, and where; none lies over another.

        Args:
            width: of the screen.
            height: of what is free of it: a command line lies below.
            is_boxed: whether a border goes all around a pane, or is a line above it.
        """
        if height < _TINY:
            return _stacked(width, {"status": min(height, 1), "equation": max(height - 1, 0)})
        places = _Screen(self, width, height, is_boxed).places()
        if not self.has_note and "note" in places:
            places["equation"] = _united(places["equation"], places.pop("note"))
        return places


def maximized(
    pane: str, step: Need, width: int, height: int, *, is_boxed: bool
) -> dict[str, Place]:
    """One pane over the whole screen, and under it all that is said of the step."""
    heights = {"status": min(1, height), pane: 0}
    if pane != "equation" and height >= _TINY:
        rows = step.rows(width - 4) + 2 if is_boxed else step.rows(width) + 1
        heights["equation"] = min(rows, height // 2)
    if height > 2:
        heights |= {"timeline": 1 if height >= _LOW else 0, "footer": 1}
    heights[pane] = height - sum(heights.values())
    return _stacked(width, heights)


def _united(a: Place, b: Place) -> Place:
    """Both of two neighbours."""
    x, y = min(a.x, b.x), min(a.y, b.y)
    right, bottom = max(a.x + a.width, b.x + b.width), max(a.y + a.height, b.y + b.height)
    return Place(x, y, right - x, bottom - y)


def _stacked(width: int, heights: Mapping[str, int]) -> dict[str, Place]:
    places, y = {}, 0
    for name, height in heights.items():
        places[name] = Place(0, y, width, height)
        y += height
    return {name: place for name, place in places.items() if place.height}


class _Band(NamedTuple):
    """Panes side by side, and what their band claims of the rows."""

    names: tuple[str, ...]
    claim: Claim


@dataclass(frozen=True, slots=True)
class _Screen:
    """One arrangement on one screen."""

    arrangement: Arrangement
    width: int
    height: int
    is_boxed: bool

    @property
    def _is_low(self) -> bool:
        return self.height < _LOW

    @property
    def _is_slim(self) -> bool:
        return self.width < _SLIM

    @property
    def _frame(self) -> int:
        """Rows of a border."""
        return 2 if self.is_boxed else 1

    def places(self) -> dict[str, Place]:
        """All bands, and the panes of each."""
        bands = self._bands()
        last = 1 if self._is_low else 2
        rows = shared(
            self.height - 1 - last - self._frame * len(bands), [band.claim for band in bands]
        )
        places, y = {"status": Place(0, 0, self.width, 1)}, 1
        for band, count in zip(bands, rows, strict=True):
            height = count + self._frame
            places |= self._beside(band, y, height)
            y += height
        below = ("footer",) if self._is_low else ("timeline", "footer")
        places |= {name: Place(0, y + k, self.width, 1) for k, name in enumerate(below)}
        return places

    def _bands(self) -> list[_Band]:
        is_watching = self.arrangement.is_watching
        bands = []
        if self._is_slim:
            if not self._is_low:
                bands.append(_Band(("graph",), self._claim(("graph",), 3, 4, 2)))
            if is_watching and not self._is_low:
                bands.append(_Band(("watching",), self._claim(("watching",), 2, 6, 0)))
        else:
            bands.append(self._above())
        return [*bands, *self._numbers(), *self._told()]

    def _above(self) -> _Band:
        """The graph, beside the program with what is watched under it, or beside that alone."""
        if not self.arrangement.is_watching:
            return _Band(("program", "graph"), self._claim(("program", "graph"), 3, 4, 2))
        if self._is_low:
            return _Band(("watching", "graph"), self._claim(("watching", "graph"), 3, 4, 2))
        left = self._rows("program") + self._rows("watching") + self._frame
        most = max(left, self._rows("graph"))
        return _Band(("program", "graph"), Claim(min(most, 4 + self._frame), most, 6, 2))

    def _numbers(self) -> list[_Band]:
        """The board, or the three panes in its place: as many rows for the one as for the other."""
        names = ("board",) if self.arrangement.is_board else ("jacobian", "cotangent", "gradient")
        all_of_them = ("board", "jacobian", "cotangent", "gradient", "loss")
        if self.arrangement.has_loss:
            names = ("loss",)
        least = min(4, max(1, *map(self._rows, all_of_them)))
        whole = _Band(names, self._claim(all_of_them, least, 10, 1))
        if not self._is_slim or len(names) == 1:
            return [whole]
        claim = self._claim(names[:2], 3, 3, 1)
        return [
            _Band(names[:2], claim),
            _Band(names[2:], self._claim(names[2:], 3, 3, 1)),
        ]

    def _told(self) -> list[_Band]:
        """The step and the note beside it; where there is no room, it stands under the step."""
        names: tuple[str, ...] = ("equation",)
        rare = _LONG_STEP
        if self._is_low:
            claim = Claim(2, max(2, self._rows("equation")), 10)
            rare += 1 + self._rows("note") if "note" in self.arrangement.needs else 0
        elif "note" not in self.arrangement.needs:
            most = max(3, self._rows("equation"))
            claim = Claim(min(_SHORT_STEP, most), most, 10)
        elif self.is_boxed and not self._is_slim:
            names = ("equation", "note")
            claim = self._claim(names, 3, 10, 0)
        else:
            claim = Claim(_SHORT_STEP, self._rows("equation") + 1 + self._rows("note"), 10)
        if self.height >= _TALL:  # where a long graph is not the poorer for a row less
            claim = claim._replace(most=claim.most + 1)
        return [_Band(names, claim._replace(rare=rare))]

    def _claim(self, names: Sequence[str], least: int, weight: int, stretch: int) -> Claim:
        """Of a band: what the highest of its panes needs."""
        most = max((self._rows(name) for name in names), default=least)
        return Claim(min(least, max(most, 2)), max(most, least), weight, stretch)

    def _rows(self, name: str) -> int:
        need = self.arrangement.needs.get(name)
        return 0 if need is None else need.rows(self._inner(self._across().get(name, self.width)))

    def _inner(self, width: int) -> int:
        return width - (4 if self.is_boxed else 0)

    def _across(self) -> dict[str, int]:
        """How wide each pane is, wherever its band lies."""
        found: dict[str, int] = {}
        groups = [("program", "graph"), ("jacobian", "cotangent", "gradient")]
        if self._is_slim:
            groups = [("jacobian", "cotangent")]
        if self.is_boxed and not self._is_slim:
            groups.append(("equation", "note"))
        for names in groups:
            found |= dict(zip(names, self._shares(names), strict=True))
        if "program" in found:
            found["watching"] = found["program"]
        return found

    def _beside(self, band: _Band, y: int, height: int) -> dict[str, Place]:
        places: dict[str, Place] = {}
        x = 0
        shares = self._shares(band.names)
        gap = 0 if self.is_boxed else 1
        for name, share in zip(band.names, shares, strict=True):
            place = Place(x, y, share, height)
            if name == "program" and self.arrangement.is_watching:
                places |= self._watched_under(place)
            else:
                places[name] = place
            x += share + gap
        return places

    def _watched_under(self, place: Place) -> dict[str, Place]:
        """The program, and what is watched under it."""
        room = place.height - 2 * self._frame
        claims = [self._claim((name,), 1, 1, 1) for name in ("program", "watching")]
        upper, lower = (rows + self._frame for rows in shared(room, claims))
        return {
            "program": place._replace(height=upper),
            "watching": place._replace(y=place.y + upper, height=lower),
        }

    def _cells(self, name: str) -> int:
        """What shows all of a pane across; the program's column has what is watched too."""
        needs = self.arrangement.needs
        names = (name, "watching") if name == "program" else (name,)
        return max((needs[n].cells for n in names if n in needs), default=20)

    def _shares(self, names: Sequence[str]) -> list[int]:
        """The widths of panes side by side, borders and all; the last takes what nobody needs."""
        if len(names) == 1:
            return [self.width]
        frame = 4 if self.is_boxed else 0
        gaps = 0 if self.is_boxed else len(names) - 1
        claims = []
        for name in names:
            cells = self._cells(name) + frame
            least, weight = _ACROSS[name]
            claims.append(
                Claim(
                    min(least + frame, self.width // len(names)),
                    max(cells, least + frame),
                    weight,
                    1 if name == names[-1] else 0,
                )
            )
        return shared(self.width - gaps, claims)


_ACROSS: Final = {
    "program": (22, 2),
    "watching": (24, 2),
    "graph": (40, 5),
    "jacobian": (22, 3),
    "cotangent": (16, 1),
    "gradient": (22, 2),
    "equation": (50, 3),
    "note": (24, 2),
}
"""The least width of a pane beside another, and its weight where width is short."""
