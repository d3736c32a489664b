"""Convolutions of deep learning, as PyTorch computes them: the kernel is not turned around.

Windows overlap, so which entries meet is a matter of places, not of axes. C is the number of
channels of a group g, to which output channel o belongs.

    y[n, o, a] = Σ_c Σ_k x[n, g·C + c, a·stride − padding + k·dilation] · w[o, c, k]

In a row, ``x`` is (N, C, …) or without samples (C, …), ``w`` the kernels (O, C/groups, …), a bias
(O,) is added to every place of its channel.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.gathering import as_array
from tui_backprop.rules.rows import Part, call_text, structural
from tui_backprop.rules.rule import SUMS_PRODUCTS, Example, Extras, Parameter
from tui_backprop.rules.sparsity import Tied
from tui_backprop.rules.windows import Axiswise, Slide, refuse_misfits, same, sizes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Params, Shape


def _flat(array: Any) -> Any:
    """The sliding axes as one."""
    return array.reshape(*array.shape[:3], prod(array.shape[3:]))


@dataclass(frozen=True, slots=True)
class _Convolution:
    """What a row of a convolution states.

    Attributes:
        name: the op.
        axes: how many slide.
    """

    name: str
    axes: int

    def layout(self, x: Shape, w: Shape, params: Params) -> Layout:
        """The sizes for these shapes."""
        return layout_of(self.name, x, w, self.axes, params)

    def convolved(self, m: Any, x: Any, w: Any, params: Params) -> Any:
        """The value without a bias: linear in x and in w."""
        sizes = self.layout(x.shape, w.shape, params)
        x, w = as_array(m, x).reshape(sizes.x), as_array(m, w).reshape(sizes.w)
        total = np.zeros(sizes.y, dtype=np.result_type(x, w))
        for kernel, windows, places in sizes.terms():
            read = x[places]
            found = np.matmul(w[kernel], _flat(read))
            total[windows] += found.reshape(*found.shape[:3], *read.shape[3:])
        return total.reshape(sizes.out)

    def forward(self, m: Any, x: Any, w: Any, *bias: Any, **params: Any) -> Any:
        """The value."""
        found = self.convolved(m, x, w, params)
        return found + _placed(bias[0], self.axes) if bias else found

    def pull_x(self, v: Array, _y: Array, x: Array, w: Array, *_: Array, **params: Any) -> Array:
        """Each entry of x receives from the windows that it lies in."""
        sizes = self.layout(x.shape, w.shape, params)
        v, w = v.reshape(sizes.y), w.reshape(sizes.w)
        total = np.zeros(sizes.x, dtype=np.result_type(v, w))
        for kernel, windows, places in sizes.terms():
            sent = v[windows]
            found = np.matmul(w[kernel].swapaxes(-1, -2), _flat(sent))
            total[places] += found.reshape(*found.shape[:3], *sent.shape[3:])
        return total.reshape(x.shape)

    def pull_w(self, v: Array, _y: Array, x: Array, w: Array, *_: Array, **params: Any) -> Array:
        """Each entry of a kernel receives from every window."""
        sizes = self.layout(x.shape, w.shape, params)
        v, x = v.reshape(sizes.y), x.reshape(sizes.x)
        total = np.zeros(sizes.w, dtype=np.result_type(v, x))
        for kernel, windows, places in sizes.terms():
            found = np.matmul(_flat(v[windows]), _flat(x[places]).swapaxes(-1, -2))
            total[kernel] = found.sum(axis=0)
        return total.reshape(w.shape)

    def entry_x(
        self, _m: Any, j: Index, i: Index, _y: Any, x: Any, w: Any, *_: Any, **params: Any
    ) -> Any:
        """The entry of the kernel that lies on x[i] in the window of y[j]."""
        sizes = self.layout(x.shape, w.shape, params)
        slid = zip(sizes.slides, j[-self.axes :], i[-self.axes :], strict=True)
        kernel = (s.entry(window, place) for s, window, place in slid)
        return w[(j[-self.axes - 1], i[-self.axes - 1] % sizes.channels, *kernel)]

    def entry_w(
        self, _m: Any, j: Index, i: Index, _y: Any, x: Any, w: Any, *_: Any, **params: Any
    ) -> Any:
        """The entry of x on which w[i] lies in the window of y[j]."""
        sizes = self.layout(x.shape, w.shape, params)
        slid = zip(sizes.slides, j[-self.axes :], i[-self.axes :], strict=True)
        places = (s.place(window, k) for s, window, k in slid)
        channel = i[0] // sizes.kernels * sizes.channels + i[1]
        return x[(*j[: -self.axes - 1], channel, *places)]

    def shape(self, x: Shape, w: Shape, *bias: Shape, **params: Any) -> Shape:
        """The shape of the value."""
        if bias and bias[0] != w[:1]:
            raise ShapeError(
                said(
                    "{name}: bias {bias} does not fit kernels {w} of x {x}: expected one for "
                    "each kernel, {wanted}",
                    name=self.name,
                    bias=bias[0],
                    w=w,
                    x=x,
                    wanted=w[:1],
                )
            )
        return self.layout(x, w, params).out


def _placed(bias: Any, axes: int) -> Any:
    """With the sliding axes behind its own."""
    return bias.reshape(*bias.shape, *(1,) * axes)


def _bias_part(axes: int) -> Part:
    """The derivative by the bias, which is added to every place of its channel."""

    def pull(v: Array, _y: Array, _x: Array, _w: Array, bias: Array, **_params: Any) -> Array:
        gone = tuple(a for a in range(v.ndim) if a != v.ndim - axes - 1)
        return np.reshape(np.sum(v, axis=gone), bias.shape)

    return Part(
        vjp=pull,
        jvp=lambda t, y, *_, **params: np.broadcast_to(_placed(t, axes), y.shape),
        sparsity=lambda out, x, w, bias, **_: Tied(out, bias, ((len(out) - axes - 1, 0),)),
        entry=lambda m, j, i, y, *_, **params: 1,
    )


def _row(kind: _Convolution, examples: tuple[Example, ...], extras: tuple[str, ...] = ()) -> Rule:
    name, axes = kind.name, kind.axes
    return structural(
        name,
        " ".join(("x", "w", *extras)),
        text=call_text(name, "xw", (*(p.name for p in _PARAMETERS), *extras)),
        parameters=_PARAMETERS,
        forward=kind.forward,
        shape=kind.shape,
        cost=lambda out, x, w, *_, **params: prod(out) * prod(w[1:]),
        parts=(
            Part(
                jvp=lambda t, y, x, w, *_, **params: kind.convolved(np, t, w, params),
                vjp=kind.pull_x,
                sparsity=lambda out, x, w, *_, **params: kind.layout(x, w, params).for_x(),
                entry=kind.entry_x,
            ),
            Part(
                jvp=lambda t, y, x, w, *_, **params: kind.convolved(np, x, t, params),
                vjp=kind.pull_w,
                sparsity=lambda out, x, w, *_, **params: kind.layout(x, w, params).for_w(),
                entry=kind.entry_w,
            ),
            *(_bias_part(axes) for _ in extras),
        ),
        summary="each kernel slid over the channels; entries that overlap share their gradient",
        examples=tuple(
            Example((*e.shapes, *(e.shapes[1][:1] for _ in extras)), e.params) for e in examples
        ),
        traits=SUMS_PRODUCTS,
        extras=Extras(
            ("bias",), cache(lambda given: _row(kind, examples, given)), stand_first=True
        ),
    )


_PARAMETERS: Final = (
    Parameter("stride", "shape", 1),
    Parameter("padding", "conv_padding", 0),
    Parameter("dilation", "shape", 1),
    Parameter("groups", "int", 1),
)
RULES: Final[tuple[Rule, ...]] = (
    _row(
        _Convolution("conv1d", 1),
        (
            Example(((1, 4), (1, 1, 2))),
            Example(((2, 2, 3), (2, 2, 2)), {"padding": 1}),
            Example(((2, 5), (2, 1, 2)), {"groups": 2, "stride": 2, "dilation": 2}),
            Example(((0, 1, 3), (2, 1, 2))),
            Example(((1, 1, 3), (1, 1, 2)), {"padding": "same"}),
        ),
    ),
    _row(
        _Convolution("conv2d", 2),
        (
            Example(((1, 3, 3), (1, 1, 2, 2))),
            Example(((1, 2, 3, 2), (2, 2, 2, 1)), {"padding": (1, 0), "stride": (2, 1)}),
            Example(((2, 3, 3), (2, 1, 2, 2)), {"groups": 2, "dilation": 2, "padding": 1}),
            Example(((1, 2, 3), (1, 1, 2, 1)), {"padding": "valid"}),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The sizes of one convolution.

    Attributes:
        samples: N.
        groups: how many groups of channels.
        channels: C, of one group.
        kernels: output channels of one group.
        slides: how windows slide, for each of the last axes.
        out: the value's shape.
    """

    samples: int
    groups: int
    channels: int
    kernels: int
    slides: tuple[Slide, ...]
    out: Shape

    @property
    def x(self) -> Shape:
        """(n, g, c, …)."""
        return self.samples, self.groups, self.channels, *(s.length for s in self.slides)

    @property
    def w(self) -> Shape:
        """(g, o, c, …)."""
        return self.groups, self.kernels, self.channels, *(s.kernel for s in self.slides)

    @property
    def y(self) -> Shape:
        """(n, g, o, …)."""
        return self.samples, self.groups, self.kernels, *(s.windows for s in self.slides)

    def terms(self) -> Iterator[tuple[Index, Index, Index]]:
        """For each entry of the kernel its place, the windows that use it, and what they read."""
        for term in product(*(tuple(s.terms()) for s in self.slides)):
            kernel, windows, places = zip(*term, strict=True)
            yield (..., *kernel), (..., *windows), (..., *places)

    def for_x(self) -> Axiswise:
        """Sample and group agree, the channels on both sides are free."""
        slides = (s.over_places(3 + a, 3 + a) for a, s in enumerate(self.slides))
        ties = same(0, 0, self.samples), same(1, 1, self.groups)
        return Axiswise(self.y, self.x, (*ties, *slides))

    def for_w(self) -> Axiswise:
        """Group and kernel agree, samples and channels are free."""
        slides = (s.over_kernel(3 + a, 3 + a) for a, s in enumerate(self.slides))
        ties = same(1, 0, self.groups), same(2, 1, self.kernels)
        return Axiswise(self.y, self.w, (*ties, *slides))


def layout_of(name: str, x: Shape, w: Shape, axes: int, params: Params) -> Layout:
    """Read the shapes.

    Raises:
        ShapeError: ranks, channels or lengths do not fit.
        ArgumentError: a stride, say, is no whole number.
    """
    if len(x) not in {axes + 1, axes + 2} or len(w) != axes + 2:
        rest = "L" if axes == 1 else "H, W"
        raise ShapeError(
            said(
                "{name} needs x of (N, C, {rest}) or (C, {rest}), and kernels of (O, C/groups, "
                "{rest}); found {x} and {w}",
                name=name,
                rest=rest,
                x=x,
                w=w,
            )
        )
    (groups,) = sizes(params["groups"], 1, "groups", 1)
    channels = x[-axes - 1]
    if channels % groups or w[0] % groups or channels // groups != w[1]:
        raise ShapeError(
            said(
                "{name} of x {x} with kernels {w} and groups={groups}: {channels} channels must "
                "be {each} for each group, and the groups must divide the {kernels} kernels",
                name=name,
                x=x,
                w=w,
                groups=groups,
                channels=channels,
                each=w[1],
                kernels=w[0],
            )
        )
    slides = _slides(name, x[-axes:], w[-axes:], axes, params)
    refuse_misfits(f"{name} of x {x} with kernels {w}", slides)
    lead = x[: -axes - 1]
    out = (*lead, w[0], *(s.windows for s in slides))
    return Layout(prod(lead), groups, w[1], w[0] // groups, slides, out)


def _slides(
    name: str, lengths: Shape, kernels: Shape, axes: int, params: Params
) -> tuple[Slide, ...]:
    """How windows slide along each of the last axes.

    ``padding="same"`` with a stride is refused: the value would be shorter.
    """
    stride = sizes(params["stride"], axes, "stride", 1)
    dilation = sizes(params["dilation"], axes, "dilation", 1)
    padding = params["padding"]
    if padding == "same":
        if set(stride) != {1}:
            raise ArgumentError(
                said(
                    "{name}: padding='same' needs stride=1, found stride={stride}",
                    name=name,
                    stride=stride,
                )
            )
        every = [d * (k - 1) for d, k in zip(dilation, kernels, strict=True)]
        front = tuple(n // 2 for n in every)  # of an odd number the last one goes behind
        behind = tuple(n - n // 2 for n in every)
    else:
        front = behind = sizes(0 if padding == "valid" else padding, axes, "padding", 0)
    return tuple(map(Slide, lengths, kernels, stride, front, dilation, behind))
