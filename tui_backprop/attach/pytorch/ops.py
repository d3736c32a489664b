"""One node of PyTorch's graph as an op that is asked for VJPs and JVPs when J is looked at."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch.autograd.graph import GradientEdge

from tui_backprop.attach.outputs import OutputOp, side_by_side
from tui_backprop.attach.pytorch.distributed.ddp import undelayed
from tui_backprop.attach.pytorch.distributed.ranks import sends
from tui_backprop.attach.pytorch.graph import is_reentrant, op_name, unwatched
from tui_backprop.attach.pytorch.kept import gradients_kept, program_kept
from tui_backprop.attach.pytorch.record import of_operands, retained_by
from tui_backprop.errors import UnknownError
from tui_backprop.language.message import said
from tui_backprop.lazy import cached_property
from tui_backprop.rules.shapes import broadcast_ties
from tui_backprop.rules.sparsity import Gathered, Tied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, IntArray, Shape

PYTORCH: Final = "PyTorch"
_REENTRANT: Final = said(
    "J of a reentrant checkpoint cannot be had: asking for it would write .grad of the parameters "
    "inside; with use_reentrant=False its ops are part of the walk"
)
_SENDING: Final = said(
    "J of this op cannot be had: its backward waits for the other ranks, which are not asked"
)

_ELEMENTWISE: Final = (
    "abs acos acosh add addcdiv addcmul asin asinh atan atan2 atanh celu ceil clamp clamp_max "
    "clamp_min clone copy cos cosh deg2rad div dropout elu erf erfc erfinv exp exp2 expm1 fmod "
    "frac gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu lerp lgamma log log10 log1p "
    "log2 log_sigmoid logit masked_fill maximum minimum mish mul native_dropout neg pow rad2deg "
    "reciprocal relu round rsqrt rsub sgn sigmoid sign silu sin sinc sinh softplus softshrink "
    "sqrt sub tan tanh threshold to_copy trunc where xlogy"
)
"""Ops whose entries meet entries of their operands at the same place; kept small on purpose."""
_MOVING: Final = (
    "alias as_strided detach expand flip narrow permute pixel_shuffle repeat reshape "
    "reshape_alias roll select slice split squeeze swapaxes t transpose unbind unfold "
    "unsafe_view unsqueeze view cat stack"
)
"""Ops whose every entry is one entry of one operand; which one, the numbers 1 … m tell."""
_REPEATING: Final = frozenset(("as_strided", "expand", "repeat", "unfold"))
"""Those of them that may read an entry several times."""
_NAMES_ELEMENTWISE: Final = frozenset(_ELEMENTWISE.split())
_NAMES_MOVING: Final = frozenset(_MOVING.split())
_PERMUTING: Final = (
    "alias clone flip permute reshape_alias squeeze t transpose unsafe_view unsqueeze view"
)
"""Those of them that have every entry of their operand once."""
_NAMES_PERMUTING: Final = frozenset(_PERMUTING.split())
_FREEING: Final = ("boxed_grads_call", "clear_saved_tensors_on_access")
"""What a Function says that gives away what it holds while it runs."""
EXACT: Final = 1 << 24
"""Whole numbers up to here are exact in single precision."""


def array(tensor: torch.Tensor, dtype: Any = None, *, is_copied: bool = False) -> Array:
    """The numbers of a tensor as an array, which shares its memory where it can.

    Args:
        tensor: any.
        dtype: of the array; the tensor's own where it is left out.
        is_copied: whether the array must have memory of its own: somebody may change the tensor.
    """
    dense = tensor.detach()
    if dense.layout is not torch.strided:
        dense = dense.to_dense()
    if dense.dtype in {torch.bfloat16, torch.float16}:
        dense = dense.float()
    found = dense.resolve_neg().cpu().numpy()
    return np.array(found, dtype=dtype, order="C") if is_copied else np.asarray(found, dtype)


class NodeOp:
    """A node, with the outputs of it that are used side by side as one vector where several are.

    Attributes:
        node: PyTorch's.
        name: what it is called.
        computed_by: PyTorch.
        shape: of its output; the number of all entries where several outputs are used.
        shapes: of the operands that a gradient reaches.
    """

    computed_by = PYTORCH

    def __init__(
        self,
        node: Any,
        outputs: Sequence[int],
        operands: Sequence[int],
        filled: Sequence[torch.Tensor | None] | None = None,
    ) -> None:
        """Only a Function of the program's has something ``filled`` in; see `record.Record`."""
        self.node = node
        self._filled = filled
        self.name = op_name(node)
        self.outputs = tuple(outputs)
        self.operands = tuple(operands)
        """Which of the node's operands a gradient reaches."""
        metadata = node._input_metadata  # noqa: SLF001 - pinned by a test
        self.parts = [(tuple(metadata[k].shape), metadata[k]) for k in self.outputs]
        """Of each used output its shape, and what PyTorch knows of it."""
        sizes = [prod(shape) for shape, _ in self.parts]
        self.shape: Shape = self.parts[0][0] if len(sizes) == 1 else (sum(sizes),)
        self.starts = np.cumsum([0, *sizes]).tolist()
        self.shapes = tuple(tuple(_metadata(node, a).shape) for a in self.operands)
        self._patterns: dict[int, Sparsity | None] = {}

    @property
    def precision(self) -> str:
        """The dtype that it computes in."""
        return str(self.parts[0][1].dtype).removeprefix("torch.")

    @property
    def is_moving(self) -> bool:
        """Whether each entry of the output is one of the operand."""
        return self.name in _NAMES_MOVING

    def vjp(self, v: Array) -> Sequence[Array]:
        """``vᵀJ`` by calling the node."""
        with unwatched(), torch.no_grad():
            found = self._call(self._given(v))
        return [
            np.zeros(shape) if g is None else array(fitted(g, self.node, a))
            for g, a, shape in zip(
                (found[a] for a in self.operands), self.operands, self.shapes, strict=True
            )
        ]

    def jvp(self, argument: int, t: Array) -> Array:
        """``J·t`` by differentiating ``vᵀJ``, which is linear in v, once more."""
        a = self.operands[argument]
        metadata = _metadata(self.node, a)
        tangent = torch.as_tensor(t, dtype=metadata.dtype, device=metadata.device)
        v = [
            torch.zeros(shape, dtype=m.dtype, device=m.device, requires_grad=True)
            for shape, m in self.parts
        ]
        try:
            with unwatched(), torch.enable_grad(), program_kept():
                passed_on = self._call(v)[a]
                if passed_on is None or not passed_on.requires_grad:
                    raise UnknownError(self._no_columns())
                # By a sum: for a tangent of its own PyTorch imports SymPy, to compare shapes.
                product = fitted(passed_on, self.node, a) * tangent.reshape(self.shapes[argument])
                pushed = torch.autograd.grad(product.sum(), v, allow_unused=True)
        except (RuntimeError, NotImplementedError) as error:
            raise UnknownError(self._no_columns()) from error
        parts = [
            np.zeros(shape) if p is None else array(p)
            for p, (shape, _) in zip(pushed, self.parts, strict=True)
        ]
        return side_by_side(parts).reshape(self.shape)

    def nonzeros(self, argument: int) -> int | None:
        """Of an op that only moves entries, by arithmetic."""
        if self.is_moving and self.name not in _REPEATING:
            several = len(self.node.next_functions) > 1
            return prod(self.shapes[argument]) if several else prod(self.shape)
        return None

    def refusal(self, rows: IntArray) -> str:
        """Of a reentrant checkpoint, which would run the program's backward pass once more.

        And of what would wait for other ranks for ever.
        """
        del rows
        if sends(self.node):
            return _SENDING
        return _REENTRANT if is_reentrant(self.node) else ""

    def pattern(self, argument: int) -> Sparsity | None:
        """By the op's name where that tells, else by moving the numbers 1 … m; else unknown."""
        if argument not in self._patterns:
            self._patterns[argument] = self._pattern(argument)
        return self._patterns[argument]

    def _pattern(self, argument: int) -> Sparsity | None:
        own = self.shapes[argument]
        if self.name in _NAMES_ELEMENTWISE and _broadcasts(own, self.shape):
            return Tied(self.shape, own, broadcast_ties(self.shape, own))
        product = _PRODUCTS.get((self.name, len(self.node.next_functions), self.operands[argument]))
        if product is not None and len(self.outputs) == 1:
            return Tied(self.shape, own, product(self.shape, own))
        if self.is_moving and prod(self.shape) < EXACT:
            return self._moved(argument)
        return None

    def _moved(self, argument: int) -> Sparsity | None:
        """The pattern of an op that only moves entries."""
        m, n = prod(self.shape), prod(self.shapes[argument])
        if self.name in _REPEATING:  # several entries read one: sums tell nothing
            return None
        try:
            found = self.vjp(np.arange(1.0, m + 1).reshape(self.shape))[argument].ravel()
        except UnknownError:
            return None
        source = np.full(m, -1, dtype=np.intp)
        read = np.flatnonzero(found)
        source[found[read].astype(np.intp) - 1] = read
        return Gathered(source, n)

    def _given(self, v: Array) -> list[torch.Tensor]:
        flat = np.asarray(v).reshape(-1)
        return [
            torch.as_tensor(flat[start : start + prod(shape)].copy())
            .reshape(shape)
            .to(m.device, m.dtype)
            for start, (shape, m) in zip(self.starts, self.parts, strict=False)
        ]

    def _call(self, given: Sequence[torch.Tensor]) -> Sequence[torch.Tensor | None]:
        """What the node passes on, one for each of its operands."""
        if refusal := self.refusal(np.empty(0, dtype=np.intp)):
            raise UnknownError(refusal)
        try:
            with program_kept():
                if isinstance(self.node, torch.autograd.function.BackwardCFunction):
                    by_hand = self._by_hand if self._is_callable else self._through_engine
                    return by_hand(given)
                found = self.node(*self._every(given))
        except RuntimeError as error:
            raise UnknownError(_lost(self.name, str(error))) from error
        return found if isinstance(found, tuple) else (found,)

    def _every(self, given: Sequence[torch.Tensor]) -> list[torch.Tensor | None]:
        """What the node is called with: something for each of its outputs."""
        none: Sequence[Any] = [None] * len(self.node._input_metadata)  # noqa: SLF001 - as above
        every = [None if x is None else torch.zeros_like(x) for x in self._filled or none]
        for k, g in zip(self.outputs, given, strict=True):
            every[k] = g
        return every

    @cached_property
    def _is_callable(self) -> bool:
        """Whether a Function of the program's can be called as the engine calls it.

        It is told to which outputs nothing came, which of its arguments the operands are, and that
        it keeps what it saved; what `torch.compile` makes asks the engine itself.
        """
        written = self.node._forward_cls  # noqa: SLF001 - pinned by a test
        if written.__module__.startswith("torch._functorch") or any(
            getattr(written, name, False) for name in _FREEING
        ):
            return False
        reached = sum(parent is not None for parent, _ in self.node.next_functions)
        is_whole = len(self.outputs) == len(self.node._input_metadata)  # noqa: SLF001 - as above
        return (is_whole or self._filled is not None) and sum(self.node.needs_input_grad) == reached

    def _by_hand(self, given: Sequence[torch.Tensor]) -> Sequence[torch.Tensor | None]:
        """A Function of the program's alone: the engine would run the hooks around it."""
        return of_operands(self.node, self.node.apply(*self._every(given)))

    def _through_engine(self, given: Sequence[torch.Tensor]) -> Sequence[torch.Tensor | None]:
        """A Function that cannot be called is run, and a hook listens; others' hooks run too."""
        heard: list[Sequence[torch.Tensor | None]] = []
        handle = self.node.register_hook(lambda passed_on, _: heard.append(tuple(passed_on)))
        ends = [GradientEdge(p, k) for p, k in self.node.next_functions if p is not None]
        starts = [GradientEdge(self.node, k) for k in self.outputs]
        is_differentiated = torch.is_grad_enabled()
        try:
            with gradients_kept(self._retained), undelayed([self.node]):
                torch.autograd.grad(
                    starts,
                    ends,
                    given,
                    retain_graph=True,
                    allow_unused=True,
                    create_graph=is_differentiated,
                )
        finally:
            handle.remove()
        return heard[0]

    @cached_property
    def _retained(self) -> list[torch.Tensor]:
        """The results around the node that a pass would give a ``.grad``."""
        return retained_by([self.node, *(p for p, _ in self.node.next_functions if p is not None)])

    def output(self, place: int) -> OutputOp:
        """One of several outputs, as an op of its own."""
        shape = self.parts[place][0]
        return OutputOp(self.computed_by, shape, self.starts[place], self.shape)

    def _no_columns(self) -> str:
        return said(
            "columns of J cannot be had: PyTorch has no derivative of the backward of {op}",
            op=self.name,
        )


def fitted(grad: torch.Tensor, node: Any, operand: int) -> torch.Tensor:
    """A gradient as PyTorch passes it on: in the operand's shape, dtype and layout of numbers."""
    metadata = _metadata(node, operand)
    if grad.layout is not torch.strided:
        grad = grad.to_dense()
    if list(grad.shape) != metadata.shape:
        grad = grad.sum_to_size(metadata.shape)
    return grad if grad.dtype is metadata.dtype else grad.to(metadata.dtype)


def only_moves(node: Any) -> bool:
    """Whether a node has every entry of its one operand, each once, perhaps elsewhere."""
    parents = node.next_functions
    if len(parents) != 1 or parents[0][0] is None or op_name(node) not in _NAMES_PERMUTING:
        return False
    return bool(prod(shape_of(node, 0)) == prod(_metadata(node, 0).shape))


def shape_of(node: Any, output: int) -> Shape:
    """The shape of an output of a node."""
    return tuple(node._input_metadata[output].shape)  # noqa: SLF001 - pinned by a test


def _metadata(node: Any, operand: int) -> Any:
    parent, k = node.next_functions[operand]
    return parent._input_metadata[k]  # noqa: SLF001 - pinned by a test


def _broadcasts(own: Shape, out: Shape) -> bool:
    try:
        return np.broadcast_shapes(own, out) == out
    except ValueError:
        return False


def _lost(name: str, message: str) -> str:
    if "second time" in message or "freed" in message:
        return said("J of {name} is gone: its graph was freed by a later backward()", name=name)
    if "inplace" in message or "in-place" in message:
        return said(
            "J of {name} is gone: a tensor that it needs was changed in place since", name=name
        )
    first = message.strip().partition(chr(10))[0]
    return said("J of {name} cannot be had; PyTorch says: {message}", name=name, message=first)


def _rows(out: Shape, own: Shape) -> tuple[tuple[int, int], ...]:
    """C[…, a, b] reads A[…, a, k]."""
    return tuple((axis, axis) for axis in range(len(own) - 1) if own[axis] == out[axis])


def _columns(_out: Shape, own: Shape) -> tuple[tuple[int, int], ...]:
    """C[…, a, b] reads B[…, k, b]."""
    last = len(own) - 1
    return (*((axis, axis) for axis in range(last - 1)), (last, last))


_PRODUCTS: Final[
    dict[tuple[str, int, int], Callable[[Shape, Shape], tuple[tuple[int, int], ...]]]
] = {
    ("mm", 2, 0): _rows,
    ("mm", 2, 1): _columns,
    ("bmm", 2, 0): _rows,
    ("bmm", 2, 1): _columns,
    ("addmm", 3, 0): broadcast_ties,
    ("addmm", 3, 1): _rows,
    ("addmm", 3, 2): _columns,
}
"""(op, number of its operands, which one) → which axes of output and operand agree."""
