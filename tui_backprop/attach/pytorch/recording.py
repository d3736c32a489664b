"""`recording`: what a forward pass was while it ran: values, lines of source, modules.

PyTorch's graph keeps none of them. Every call of a function of PyTorch is noted with the range of
sequence numbers that its nodes got, which is how a node finds its note later.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import deque
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import ref

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from tui_backprop.attach.pytorch.graph import maker
from tui_backprop.attach.pytorch.reading import NO_CALL, Call
from tui_backprop.attach.pytorch.recognition import needs_call
from tui_backprop.attach.pytorch.sharing import version
from tui_backprop.attach.source import Line

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

_OURS: Final = str(Path(__file__).parent)
_THEIRS: Final = str(Path(torch.__file__).parent)
_FOLLOWED: Final = 60
"""Frames above a call that are looked through for a line of the user's."""
_WAITED: Final = 4
"""Backward passes that what is noted outlives, where it is part of none of them."""


class Note(NamedTuple):
    """One call of a function of PyTorch.

    Attributes:
        start: the sequence number that its first node got, if it made one.
        stop: that of the first node after it.
        line: the innermost line outside PyTorch.
        module: the path of the innermost module, such as ``encoder.layers.0``; empty outside.
        called: the lines on which the modules around it were called, the outermost first, each
            with a number of the call.
    """

    start: int
    stop: int
    line: Line | None
    module: str
    called: tuple[tuple[Line, int], ...]


class Recording:
    """The notes of one forward pass, in order.

    Attributes:
        notes: of every call that made a node.
        values: by sequence number and output number, the tensor and which version of it was seen.
        calls: by sequence number, the arguments of calls whose node saves too little; of tensors
            only those without a gradient.
        owners: by ``id`` of a parameter, itself, the path of the module that it belongs to, and the
            sequence number at which that last ran.
        is_over: whether nothing is noted any more.
    """

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.values: dict[tuple[int, int], tuple[torch.Tensor, int]] = {}
        self.calls: dict[int, tuple[Call, list[tuple[torch.Tensor, int]]]] = {}
        self.owners: dict[int, tuple[torch.Tensor, str, int]] = {}
        self.modules: list[str] = []
        self.called: list[tuple[tuple[Line, int], ...]] = []
        self.is_over = False
        self._starts: list[int] = []
        self._passes: deque[int] = deque([0] * _WAITED, maxlen=_WAITED)

    def end(self) -> None:
        """Let go of everything, and note nothing from here on."""
        self.is_over = True
        self.notes.clear()
        self.values.clear()
        self.calls.clear()
        self.owners.clear()
        self._starts.clear()

    def passed(self, done: Container[int]) -> None:
        """Let go of what a backward pass was the last to need.

        What it did not reach stays for a few passes more: a later one may be about that, as where a
        GAN makes its images before it trains the discriminator.

        Args:
            done: the sequence numbers of the nodes that it ran for the last time.
        """
        self._passes.append(_next_number())
        oldest = self._passes[0]

        def is_needed(number: int) -> bool:
            return number >= oldest and number not in done

        self.notes[:] = [note for note in self.notes if is_needed(note.start)]
        self._starts.clear()
        self.values = {at: found for at, found in self.values.items() if is_needed(at[0])}
        self.calls = {at: found for at, found in self.calls.items() if is_needed(at)}
        self.owners = {at: found for at, found in self.owners.items() if found[2] >= oldest}

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
        tensor, at = found
        return tensor if version(tensor) == at else None

    def owner(self, parameter: torch.Tensor) -> str:
        """The path of the module that a parameter belongs to; empty where none has it."""
        return self.owners.get(id(parameter), (parameter, "", 0))[1]

    def call(self, node: Any) -> Call:
        """The arguments that a node was made with, as far as they are still what they were."""
        call, kept = self.calls.get(node._sequence_nr(), (NO_CALL, []))  # noqa: SLF001 - as above
        is_same = all(version(tensor) == at for tensor, at in kept)
        return call if is_same else NO_CALL

    def keep(self, number: int, output: int, tensor: torch.Tensor) -> None:
        """Keep an output of the node that has a sequence number."""
        self.values[number, output] = tensor.detach(), tensor._version  # noqa: SLF001 - as above

    def keep_given(self, args: Any, *, is_changed: bool) -> None:
        """Keep the operands of a call that no call gave: a Function of one's own made them.

        Args:
            args: of the call.
            is_changed: whether the first of them is about to be changed in place, so that a copy
                of it is all that will be left.
        """
        for at, found in enumerate(args):
            node = maker(found) if isinstance(found, torch.Tensor) else None
            if node is None:
                continue
            number = node._sequence_nr()  # noqa: SLF001 - as above
            if is_changed and at == 0:
                copy = found.detach().clone()
                self.values[number, found.output_nr] = copy, copy._version  # noqa: SLF001 - as above
            elif (number, found.output_nr) not in self.values:
                self.keep(number, found.output_nr, found)

    def keep_call(self, number: int, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Keep the arguments of the call that made a node, if there is one without a gradient."""
        if not named and all(isinstance(x, torch.Tensor) and x.requires_grad for x in args):
            return
        kept: list[tuple[torch.Tensor, int]] = []

        def bare(found: Any) -> Any:
            if isinstance(found, torch.Tensor):
                if found.requires_grad:
                    return None
                kept.append((found, version(found)))
                return found
            return tuple(map(bare, found)) if isinstance(found, tuple | list) else found

        call = Call(bare(args), {name: bare(found) for name, found in named.items()})
        self.calls[number] = call, kept


class _Watch(TorchFunctionMode):  # type: ignore[misc]  # torch is untyped here
    """Writes a note for every call.

    A function that makes several nodes, as attention does, is watched inside as well: that takes
    longer, and which functions do is learned from their last call.
    """

    def __init__(self, recording: Recording) -> None:
        super().__init__()
        self._recording = recording
        self._inside = _Inside(recording)
        self._plain: set[Any] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        # Whatever runs inside of a backward pass is no forward pass.
        if func is torch.Tensor.backward or self._recording.is_over:
            return func(*args, **(kwargs or {}))
        start = _next_number()
        is_plain = not torch.is_grad_enabled() or _is_transformed()
        if not is_plain:
            is_changed = _is_in_place(func) or bool(kwargs and kwargs.get("inplace"))
            self._recording.keep_given(args, is_changed=is_changed)
        if is_plain or func in self._plain or _is_bare_layer(func):
            found = func(*args, **(kwargs or {}))
        else:
            with self._inside.watching(start):
                found = func(*args, **(kwargs or {}))
        stop = _next_number()
        if stop > start:
            recording = self._recording
            module = recording.modules[-1] if recording.modules else ""
            called = recording.called[-1] if recording.called else ()
            recording.notes.append(Note(start, stop, _user_line(), module, called))
            for tensor in found if isinstance(found, tuple | list) else (found,):
                self._keep(tensor, start, args, kwargs or {})
        change = self._plain.add if stop <= start + 1 else self._plain.discard
        change(func)
        return found

    def _keep(self, tensor: Any, start: int, args: Any, named: Any) -> None:
        if not isinstance(tensor, torch.Tensor) or not torch.is_grad_enabled():
            return
        node = maker(tensor)
        if node is not None and node._sequence_nr() >= start:  # noqa: SLF001 - as above
            number = node._sequence_nr()  # noqa: SLF001 - as above
            self._recording.keep(number, tensor.output_nr, tensor)
            if number == start and number not in self._recording.calls and needs_call(node.name()):
                self._recording.keep_call(number, args, named)


class _Inside(TorchDispatchMode):  # type: ignore[misc]  # torch is untyped here
    """Keeps what the ops inside one call of a function gave, and what they were given.

    An op's node is made just before the op itself runs: an op that follows without a new number
    made none.
    """

    def __init__(self, recording: Recording) -> None:
        super().__init__()
        self._recording = recording
        self._last = 0
        self._held: list[tuple[int, int, torch.Tensor, int]] = []

    @contextmanager
    def watching(self, start: int) -> Iterator[None]:
        """For one call, whose first node will have that number."""
        self._last = start - 1
        self._held.clear()
        with self:
            yield
        # A tensor that is detached inside of the mode would not notice later changes in place.
        for number, output, tensor, at in self._held:
            is_copied = (number, output) in self._recording.values
            if version(tensor) == at and not is_copied:
                self._recording.keep(number, output, tensor)
        self._held.clear()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        number = _next_number() - 1
        schema = getattr(func, "_schema", None)  # an op of higher order has none
        name = "" if schema is None else schema.name
        is_new, is_changed = number > self._last, schema is not None and schema.is_mutable
        if is_changed or name in _UNSAFE:
            self._recording.keep_given(args[:1], is_changed=True)
        found = func(*args, **(kwargs or {}))
        if is_new:
            self._last = number
            for k, tensor in enumerate(found if isinstance(found, tuple | list) else (found,)):
                if type(tensor) is torch.Tensor:
                    self._held.append((number, k, tensor, version(tensor) + is_changed))
            if needs_call(name):
                self._recording.keep_call(number, tuple(args), kwargs or {})
        return found


_UNSAFE: Final = frozenset({"aten::unsafe_split", "aten::unsafe_split_with_sizes"})
"""Ops whose outputs are changed in place with nobody counting it."""


def _is_bare_layer(func: Any) -> bool:
    """Whether a call moves entries around one product, so that nothing inside of it is lost."""
    is_layer = func is torch.nn.functional.linear
    return is_layer and not (torch.is_autocast_enabled("cpu") or torch.is_autocast_enabled("cuda"))


@lru_cache(maxsize=1024)
def _is_in_place(func: Any) -> bool:
    """Whether a function changes its first argument, as far as its name tells."""
    name = str(getattr(func, "__name__", ""))
    return (name.endswith("_") and not name.endswith("__")) or name.startswith("__i")


def _is_transformed() -> bool:
    """Whether ``torch.func`` is at work, whose ops see other tensors than the program does."""
    return torch._C._functorch.peek_interpreter_stack() is not None  # noqa: SLF001 - as above


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


class _Outermost(NamedTuple):
    """A module that was called by no other.

    Attributes:
        module: itself, as long as it lives.
        own: what its own ops lie in.
        prefix: what stands before the paths of its parts.
        names: all these paths.
    """

    module: ref[torch.nn.Module]
    own: str
    prefix: str
    names: frozenset[str]


def _name_of(module: torch.nn.Module) -> str:
    return type(module).__name__


def _numbered(name: str) -> Iterator[str]:
    """The name, then ``name_2``, ``name_3``."""
    yield name
    for number in count(2):
        yield f"{name}_{number}"


class _Paths:
    """The paths of modules under the outermost one that is running."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._stack = recording.modules
        self._called = recording.called
        self._calls = count(1)
        self._depths: list[int] = []
        self._names: dict[int, str] = {}
        self._outermost: dict[int, _Outermost] = {}

    def enter(self, module: torch.nn.Module, _args: Any) -> None:
        """A module begins."""
        if self._recording.is_over:
            return
        if not self._stack:
            named, self._names = self._named(module)
            owners, number = self._recording.owners, _next_number()
            for name, part in named:
                for parameter in part.parameters(recurse=False):
                    known = owners.get(id(parameter))
                    path = name if known is None else known[1]
                    owners[id(parameter)] = parameter, path, number
        self._depths.append(id(module))
        outer = self._stack[-1] if self._stack else ""
        self._stack.append(self._names.get(id(module), outer) or _name_of(module))
        line, around = _user_line(), self._called[-1] if self._called else ()
        is_new = line is not None and all(line != other for other, _ in around)
        self._called.append((*around, (line, next(self._calls))) if line and is_new else around)

    def _named(self, module: torch.nn.Module) -> tuple[list[tuple[str, Any]], dict[int, str]]:
        """The paths of the parts of an outermost module, those of no two such modules the same.

        A layer is one word of a command, whatever its name in a ModuleDict.
        """
        parts = [("_".join(name.split()), part) for name, part in module.named_modules()]
        self._outermost = {k: o for k, o in self._outermost.items() if o.module() is not None}
        known = self._outermost.get(id(module))
        if known is None:
            taken = {name for other in self._outermost.values() for name in other.names}
            own = next(n for n in _numbered(_name_of(module)) if n not in taken)
            is_apart = any(name in taken for name, _ in parts if name)
            known = _Outermost(ref(module), own, f"{own}." if is_apart else "", frozenset())
        named = [(known.prefix + name if name else known.own, part) for name, part in parts]
        names = frozenset(name for name, _ in named)
        self._outermost[id(module)] = known._replace(names=names)
        return named, {id(part): name for name, part in named}

    def leave(self, module: torch.nn.Module, _args: Any, _found: Any) -> None:
        """A module ends, and with it those that were left by an exception."""
        while self._depths:
            self._stack.pop()
            self._called.pop()
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
