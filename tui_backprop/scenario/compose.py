"""From the bytes of a file to a located tree: YAML without the parts of it that surprise.

It knows no key of a scenario. PyYAML gives events and nothing else: its loaders keep the last of
two equal keys, follow merge keys for minutes, and make objects of tags.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final, cast

import yaml

from tui_backprop.dataclass import dataclass
from tui_backprop.language.message import said
from tui_backprop.scenario.report import shown
from tui_backprop.scenario.yaml_text import NESTED, NO_TAGS, checked
from tui_backprop.scenario.yaml_tree import NUMBER, Entry, Hole, Mapping, Scalar, Sequence, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.scenario.report import Report
    from tui_backprop.scenario.yaml_tree import Node

SCANNERS: Final = tuple(
    getattr(yaml, name) for name in ("CSafeLoader", "SafeLoader") if hasattr(yaml, name)
)
"""libyaml's scanner where PyYAML was built with it: 1 MB in 0.2 to 0.8 s, the other takes 3 to 17.

Only the event stream of either is used, which keeps its own stack; what overflows in libyaml's
loader is the recursion of its composer.
"""


def _is_encodable(text: str) -> bool:
    """Whether UTF-8 has it: all of Unicode but half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def compose(text: str, report: Report, scanner: type = SCANNERS[0]) -> Node | None:
    """The tree of a text, or None where it is too broken to have one.

    Args:
        text: decoded, without a byte order mark.
        report: receives every problem; its limits hold.
        scanner: which of `SCANNERS` reads the text.
    """
    readable = checked(text, report)
    if readable is None:
        return None
    composer = _Composer(report)
    try:
        for event in yaml.parse(readable, Loader=scanner):
            if not composer.take(event):
                return None
    except yaml.MarkedYAMLError as error:
        # Few files need the words for what is wrong with one.
        from tui_backprop.scenario.yaml_syntax import syntax_problem

        report.add(syntax_problem(error, text))
        return None
    except (ValueError, OverflowError):
        # PyYAML's own scanner hands the number of an escape such as "\UFFFFFFFF" to chr.
        report.whole(said("not valid YAML: an escape sequence names no character"))
        return None
    if composer.root is None:
        report.whole(said("the file is empty"), said("a scenario begins with 'format: 1'"))
    return composer.root


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet. A mapping's keys and values alternate."""

    event: yaml.CollectionStartEvent
    items: list[Node] = field(default_factory=list)


class _Composer:
    """Builds the tree from events, iteratively: no nesting can exhaust the stack."""

    def __init__(self, report: Report) -> None:
        self.root: Node | None = None
        self._report = report
        self._open: list[_Open] = []
        self._digits = report.limits.digits

    def take(self, event: yaml.Event) -> bool:
        """Use one event; False where there is no going on."""
        if isinstance(event, yaml.ScalarEvent):
            self._place(self._scalar(event))
        elif isinstance(event, yaml.CollectionStartEvent):
            return self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._place(self._finish(self._open.pop(), event))
        elif isinstance(event, yaml.AliasEvent):
            hole = Hole(_span(event))
            message = said("aliases are not allowed in a scenario")
            self._report.at(hole, message, said("write the value out"))
            self._place(hole)
        elif isinstance(event, yaml.DocumentStartEvent):
            return self._document(event)
        return True

    def _place(self, node: Node) -> None:
        if self._open:
            self._open[-1].items.append(node)
        else:
            self.root = node

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        is_plain = not event.style
        text = event.value
        if event.anchor or event.tag:
            self._refuse_decoration(event)
        if is_plain and len(text) > self._digits and NUMBER.fullmatch(text):
            # Turning digits into a number is quadratic: nobody gets to try.
            self._report.exceeds(
                _span(event), "digits", len(text.lstrip("+-")), said("this number")
            )
            return Hole(_span(event))
        if not is_plain and not _is_encodable(text):
            self._report.span(_span(event), said("half a surrogate pair is not a character"))
            return Hole(_span(event))
        return Scalar(text, is_plain, *_span(event))

    def _begin(self, event: yaml.CollectionStartEvent) -> bool:
        if event.anchor or event.tag:
            self._refuse_decoration(event)
        self._open.append(_Open(event))
        depth = len(self._open)
        return not self._report.exceeds(_span(event), "nesting", depth, NESTED)

    def _finish(self, opened: _Open, end: yaml.CollectionEndEvent) -> Node:
        span = Span(*_span(opened.event)[:2], *_span(end)[2:])
        if isinstance(opened.event, yaml.SequenceStartEvent):
            return Sequence(tuple(opened.items), span)
        return Mapping(tuple(self._entries(opened.items)), span)

    def _entries(self, items: list[Node]) -> Iterator[Entry]:
        first: dict[str, Scalar] = {}
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, Scalar):
                if not isinstance(key, Hole):
                    self._report.at(key, said("a key is a word, not a list or a mapping"))
            elif key.text == "<<" and key.is_plain:
                self._report.at(key, said("merge keys are not allowed in a scenario"))
            elif (before := first.setdefault(key.text, key)) is not key:
                message = said(
                    "duplicate key {key}; it stands on line {line} too",
                    key=shown(key.text),
                    line=before.line,
                )
                self._report.at(key, message)
            else:
                yield Entry(key, value)

    def _document(self, event: yaml.DocumentStartEvent) -> bool:
        if event.tags:
            self._report.span(_span(event), NO_TAGS)
        if self.root is not None:
            message = said("a scenario is one YAML document; a second one begins here")
            self._report.span(_span(event), message)
            return False
        return True

    def _refuse_decoration(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor:
            anchor = shown(f"&{event.anchor}")
            message = said("anchors are not allowed in a scenario: {anchor}", anchor=anchor)
            self._report.span(_span(event), message)
        if event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            message = said("tags are not allowed in a scenario: {tag}", tag=shown(tag))
            self._report.span(_span(event), message)


def _span(event: yaml.Event) -> Span:
    start, end = cast("yaml.Mark", event.start_mark), cast("yaml.Mark", event.end_mark)
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
