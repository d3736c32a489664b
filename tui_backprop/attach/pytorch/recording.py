"""`recording`: what a forward pass was while it ran: values, lines of source, modules.

PyTorch's graph keeps none of them. Every call of a function of PyTorch is noted with the range of
sequence numbers that its nodes got, which is how a node finds its note later.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import torch
from torch.overrides import TorchFunctionMode

from tui_backprop.attach.source import Line

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS: Final = str(Path(__file__).parent)
_THEIRS: Final = str(Path(torch.__file__).parent)
_FOLLOWED: Final = 60
"""Frames above a call that are looked through for a line of the user's."""


class Note(NamedTuple):
    """One call of a function of PyTorch.

    Attributes:
        start: the sequence number that its first node got, if it made one.
        stop: that of the first node after it.
        line: the innermost line outside PyTorch.
        module: the path of the innermost module, such as ``encoder.layers.0``; empty outside.
    """

    start: int
    stop: int
    line: Line | None
    module: str


class Recording:
    """The notes of one forward pass, in order.

    Attributes:
        notes: of every call that made a node.
        values: by sequence number and output number, the tensor and which version of it was seen.
    """

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.values: dict[tuple[int, int], tuple[torch.Tensor, int]] = {}
        self.modules: list[str] = []
        self._starts: list[int] = []

    def clear(self) -> None:
        """Let go of everything: the graph that it was about is done with."""
        self.notes.clear()
        self.values.clear()
        self._starts.clear()

    def note(self, node: Any) -> Note | None:
        """The call that made a node; None where it was not watched."""
        number = node._sequence_nr()  # noqa: SLF001 - pinned by a test
        if len(self._starts) != len(self.notes):
            self._starts = [note.start for note in self.notes]
        at = bisect_right(self._starts, number) - 1
        found = self.notes[at] if at >= 0 else None
        return found if found is not None and number < found.stop else None

    def value(self, node: Any, output: int) -> torch.Tensor | None:
        """An output of a node; None where it was not seen, or has been changed in place since."""
        found = self.values.get((node._sequence_nr(), output))  # noqa: SLF001 - as above
        if found is None:
            return None
        tensor, version = found
        return tensor if tensor._version == version else None  # noqa: SLF001 - as above


class _Watch(TorchFunctionMode):  # type: ignore[misc]
    """Writes a note for every call."""

    def __init__(self, recording: Recording) -> None:
        super().__init__()
        self._recording = recording

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        start = _next_number()
        found = func(*args, **(kwargs or {}))
        stop = _next_number()
        if stop > start:
            recording = self._recording
            module = recording.modules[-1] if recording.modules else ""
            recording.notes.append(Note(start, stop, _user_line(), module))
            for tensor in found if isinstance(found, tuple | list) else (found,):
                self._keep(tensor, start)
        return found

    def _keep(self, tensor: Any, start: int) -> None:
        if not isinstance(tensor, torch.Tensor) or not torch.is_grad_enabled():
            return
        node = tensor.grad_fn
        if node is not None and node._sequence_nr() >= start:  # noqa: SLF001 - as above
            key = node._sequence_nr(), tensor.output_nr  # noqa: SLF001 - as above
            self._recording.values[key] = tensor.detach(), tensor._version  # noqa: SLF001 - as above


def _next_number() -> int:
    return int(torch.autograd._get_sequence_nr())  # noqa: SLF001 - as above


def _user_line() -> Line | None:
    """The innermost frame that is neither PyTorch's nor ours."""
    frame = sys._getframe(2)  # noqa: SLF001 - what a debugger is for
    for _ in range(_FOLLOWED):
        file = frame.f_code.co_filename
        if not file.startswith((_THEIRS, _OURS)):
            return Line(file, frame.f_lineno)
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return None


class _Paths:
    """The paths of modules under the outermost one that is running."""

    def __init__(self, recording: Recording) -> None:
        self._stack = recording.modules
        self._depths: list[int] = []
        self._names: dict[int, str] = {}

    def enter(self, module: torch.nn.Module, _args: Any) -> None:
        """A module begins."""
        if not self._stack:
            self._names = {id(m): name for name, m in module.named_modules()}
        self._depths.append(id(module))
        outer = self._stack[-1] if self._stack else ""
        self._stack.append(self._names.get(id(module), outer) or type(module).__name__)

    def leave(self, module: torch.nn.Module, _args: Any, _found: Any) -> None:
        """A module ends, and with it those that were left by an exception."""
        while self._depths:
            self._stack.pop()
            if self._depths.pop() == id(module):
                return


_latest: list[Recording] = []
"""The last one, or nothing: what `attach` reads."""


@contextmanager
def recording() -> Iterator[Recording]:
    """Note values, source lines and module names of the forward pass inside.

    Wrap the forward pass in it; ``attach`` and ``debug`` find the notes by themselves. Each
    recording takes the place of the one before, whose values are let go.

    Yields:
        The notes.
    """
    found = Recording()
    _latest[:] = [found]
    paths = _Paths(found)
    hooks = torch.nn.modules.module
    handles = [
        hooks.register_module_forward_pre_hook(paths.enter),
        hooks.register_module_forward_hook(paths.leave, always_call=True),
    ]
    try:
        with _Watch(found):
            yield found
    finally:
        for handle in handles:
            handle.remove()


def latest() -> Recording | None:
    """The last recording, if there was one."""
    return _latest[0] if _latest else None
