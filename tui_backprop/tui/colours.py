"""Themes that are offered, and the colours that a theme gives, moved until they can be read.

Textual's themes are made for widgets with a background of their own. Faint text, thin lines and
marks are lost in some of them, above all on a projector. So no style sheet mixes such a colour
itself: it names one from here, which is moved towards black or white until it stands out.
"""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from textual.app import App
from textual.color import BLACK, WHITE, Color
from textual.theme import BUILTIN_THEMES, Theme

from tui_backprop.errors import TuiBackpropError
from tui_backprop.language.message import joined, said
from tui_backprop.named_tuple import NamedTuple
from tui_backprop.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping


class Contrast(NamedTuple):
    """How much things stand out from what is behind them, 1 to 21, as WCAG counts it.

    Attributes:
        text: the faintest text.
        line: lines that part, and bars.
        plain: plain text, so that faint text stays fainter.
    """

    text: float
    line: float
    plain: float


_READABLE: Final = Contrast(4.5, 3.0, 6.0)
_STRONG: Final = Contrast(7.0, 4.5, 12.0)

OURS: Final[tuple[Theme, ...]] = (
    Theme(
        name="projector",
        dark=False,
        primary="#003f8a",
        foreground="#000000",
        background="#ffffff",
        surface="#f4f4f4",
        panel="#eeeeee",
        variables={"box": "heavy", "bar": "heavy"},
    ),
    Theme(
        name="high-contrast",
        dark=True,
        primary="#56b4e9",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#1c1c1c",
    ),
)
"""Themes of the debugger's own; what each is for says `about`."""

THEMES: Final[Mapping[str, Theme]] = MappingProxyType(
    {theme.name: theme for theme in (*OURS, *BUILTIN_THEMES.values()) if not theme.ansi}
)
"""Themes by name. Of those whose colours the terminal chooses nobody knows whether they can be
read: they are not offered."""
DEFAULT_THEME: Final = "textual-dark"


def about(theme: Theme) -> str:
    """What a theme is for, in a few words."""
    if theme.name == "projector":
        return said("light, black on white, thick lines and marks: for a projector, for print")
    if theme.name == "high-contrast":
        return said("dark, white on black, every mark strong: for tired eyes, for a bad screen")
    return said("dark") if theme.dark else said("light")


def offer_themes(app: App[None], wanted: str) -> None:
    """Ours first, and none that may be unreadable; the wanted one from the first frame on."""
    for name in app.available_themes:
        app.unregister_theme(name)
    for theme in THEMES.values():
        app.register_theme(theme)
    name = wanted or app.theme
    app.set_reactive(App.theme, name if name in THEMES else DEFAULT_THEME)
    app.set_class(app.current_theme.dark, "-dark-mode", update=False)
    app.set_class(not app.current_theme.dark, "-light-mode", update=False)
    app.stylesheet.set_variables(app.get_css_variables())


def known_theme(name: str) -> str:
    """The name, if it is one of a theme's.

    Raises:
        TuiBackpropError: there is no such theme; the message names the nearest, or all.
    """
    if name in THEMES:
        return name
    hint = nearest(name, THEMES) or said("there are: {names}", names=joined(", ", THEMES))
    raise TuiBackpropError(said("there is no theme '{name}'; {hint}", name=name, hint=hint))


class _Inks(NamedTuple):
    """Colours with a meaning, before they are moved.

    Blue and orange after Okabe and Ito: the same for every eye.
    """

    orange: str
    blue: str
    alarm: str


_ON_DARK: Final = _Inks("#e69f00", "#56b4e9", "#ff8c5a")
_ON_LIGHT: Final = _Inks("#8a4b00", "#005a9c", "#a33000")
_FAINT, _FAINTER, _TINT = 0.62, 0.35, 0.2
"""Shares of the foreground in faint text and in lines, and of orange behind what is current."""


@lru_cache(maxsize=32)
def css_variables(name: str) -> Mapping[str, str]:
    """What style sheets may name beside a theme's own colours, and of those what must be moved.

    - ``quiet``: faint text; ``rule``: lines.
    - ``orange``: here, now; ``blue``: other marks; ``alarm``: what is wrong.
    - ``current``, ``behind-current``: the entry under the cursor.
    - ``box``, ``bar``: the kinds of border around and above panes.
    """
    theme = THEMES.get(name) or THEMES[DEFAULT_THEME]
    given = theme.to_color_system().generate()
    least = _STRONG if theme in OURS else _READABLE
    inks = _ON_DARK if theme.dark else _ON_LIGHT
    page = Color.parse(given["background"])
    pages = (page, *(Color.parse(given[key]) for key in ("surface", "panel")))
    text = readable(Color.parse(given["foreground"]), pages, least.plain)
    # Text areas and lists with the focus are tinted by a twentieth of the foreground.
    pages = (*pages, *(each.blend(text, 0.05) for each in pages))
    orange, blue, alarm = (readable(Color.parse(ink), pages, least.text) for ink in inks)
    rule = readable(page.blend(text, _FAINTER), pages, least.line)
    quiet = readable(page.blend(text, _FAINT), pages, least.text)
    if theme.name == "projector":
        behind, current = orange, WHITE
    else:
        behind = page.blend(Color.parse(_ON_DARK.orange), _TINT)
        current = readable(orange, (behind,), least.text)
    chosen = readable(page.blend(blue, 0.35), (text,), least.text)
    colours = {
        "foreground": text,
        "quiet": quiet,
        "rule": rule,
        "orange": orange,
        "blue": blue,
        "alarm": alarm,
        "current": current,
        "behind-current": behind,
        "text-muted": quiet,
        "text-disabled": quiet,
        "text-success": blue,
        "text-warning": orange,
        "text-error": alarm,
        "success": blue,
        "warning": orange,
        "error": alarm,
        "border": orange,
        "border-blurred": rule,
        "block-cursor-foreground": text,
        "block-cursor-background": chosen,
        "block-cursor-blurred-foreground": text,
        "block-cursor-blurred-background": chosen,
        "input-cursor-background": text,
        "input-cursor-foreground": page,
        "input-selection-background": chosen,
        "input-selection-foreground": text,
        "scrollbar": rule,
        "scrollbar-hover": orange,
        "scrollbar-active": orange,
        "scrollbar-background": page,
        "scrollbar-background-hover": page,
        "scrollbar-background-active": page,
    }
    own = {key: colour.hex for key, colour in colours.items()}
    return {"box": "round", "bar": "solid", **own, **theme.variables}


def readable(colour: Color, others: tuple[Color, ...], least: float) -> Color:
    """A colour, moved as little as needed to stand out from each of the others.

    Args:
        colour: what is to be seen.
        others: what it lies upon.
        least: the contrast that it must have.
    """
    is_bright = sum(luminance(other) for other in others) / len(others) > _MIDDLE
    end = BLACK if is_bright else WHITE
    for part in range(41):
        moved = colour.blend(end, part / 40)
        if all(contrast(moved, other) >= least for other in others):
            return moved
    return end


_MIDDLE: Final = 0.179
"""The luminance from which black stands out as much as white."""


def contrast(a: Color, b: Color) -> float:
    """How much two colours differ, 1 to 21, after WCAG."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: Color) -> float:
    """The relative luminance, 0 to 1, after WCAG."""
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
