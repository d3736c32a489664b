"""What a program calls its tensors: the caller's variables, and modules' paths to parameters."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final

import torch

from tui_backprop.attach.pytorch.graph import is_made_by_none, maker

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping
    from types import FrameType

_MOST_FRAMES: Final = 30
_LONGEST: Final = 60
_NAME: Final = re.compile(r"(?a)[A-Za-z_]\w*(\.\w+)*")
_UNTYPED: Final = re.compile(r"(?a)[^\w.]")
"""What modules may be called by, and no command can tell from what stands around a name."""
_OTHERS: Final = ("torch.", "tui_backprop.", "importlib.", "runpy.", "_pytest.", "pluggy.")


class Names:
    """Names by tensor, as the frames that called us have them; the nearest frame wins.

    Attributes:
        leaves: of leaves, by ``id`` of the tensor.
        nodes: of results, by their node and output number, with the tensor.
    """

    def __init__(self, frame: FrameType | None) -> None:
        self.leaves: dict[int, str] = {}
        self.nodes: dict[tuple[Any, int], tuple[str, torch.Tensor]] = {}
        self._constants: dict[Hashable, str] = {}
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}
        self._modules: list[tuple[str, torch.nn.Module]] = []
        for variables in _scopes(frame):
            for name, value in variables.items():
                if not name.startswith("__"):
                    self._add(name, value)
        # A path through a module tells more than a local name inside it; `self` is the least.
        for name, module in sorted(self._modules, key=lambda found: found[0] == "self"):
            for path, parameter in module.named_parameters(remove_duplicate=False):
                self._name_leaf(parameter, f"{name}.{path}")

    def _add(self, name: str, value: object) -> None:
        if isinstance(value, torch.nn.Module):
            self._modules.append((name, value))
        elif isinstance(value, torch.Tensor):
            if not value.requires_grad:
                self._constants.setdefault(place(value), name)
            elif is_made_by_none(value):
                self._name_leaf(value, name)
            else:
                self._name_result(value, name)

    def _name_result(self, tensor: torch.Tensor, name: str) -> None:
        node = maker(tensor)
        if node is not None and (node, tensor.output_nr) not in self.nodes:
            free = self._free(name)
            if free:
                self.nodes[node, tensor.output_nr] = free, tensor

    def _name_leaf(self, tensor: torch.Tensor, name: str) -> None:
        if id(tensor) not in self.leaves and (free := self._free(name)):
            self.leaves[id(tensor)] = free

    def constant(self, tensor: torch.Tensor) -> str:
        """What a tensor without a gradient is called; nothing where nobody has it."""
        return self._free(self._constants.get(place(tensor), ""))

    def _free(self, name: str) -> str:
        """The name as it can be typed, if nobody has it; else nothing."""
        variable, dot, path = name.partition(".")
        name = f"{variable}{dot}{_UNTYPED.sub('_', path)}"
        is_fit = len(name) <= _LONGEST and _NAME.fullmatch(name) and not name.endswith(".grad")
        if not is_fit or name in self._taken:
            return ""
        self._taken.add(name)
        return name

    def numbered(self, op: str) -> str:
        """A name for what nobody named: ``relu_1``, ``relu_2`` and so on."""
        op = _UNTYPED.sub("_", op)
        count = self._counts.get(op, 0) + 1
        while f"{op}_{count}" in self._taken:
            count += 1
        self._counts[op] = count
        self._taken.add(f"{op}_{count}")
        return f"{op}_{count}"


def place(tensor: torch.Tensor) -> Hashable:
    """What two tensors have in common that are one: a saved tensor is another object."""
    try:
        found = tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype
    except RuntimeError:  # a tensor without numbers, or one that is sparse
        return id(tensor)
    return found if found[0] else id(tensor)


def _scopes(frame: FrameType | None) -> Iterator[Mapping[str, Any]]:
    """The variables of the caller and of those who called him, then the globals of each."""
    found: list[FrameType] = []
    while frame is not None and len(found) < _MOST_FRAMES:
        if not f"{frame.f_globals.get('__name__', '')}.".startswith(_OTHERS):
            found.append(frame)
        frame = frame.f_back
    for one in found:
        yield one.f_locals
    for one in found:
        yield one.f_globals


def caller(depth: int) -> FrameType | None:
    """The frame that many calls above the one who asks."""
    return sys._getframe(depth + 1)  # noqa: SLF001 - what a debugger is for
