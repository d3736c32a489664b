"""Convolutions of deep learning, as PyTorch computes them: the kernel is not turned around.

    y[n, o, a] = Σ_c Σ_k x[n, g·C + c, a·stride − padding + k·dilation] · w[o, c, k]

They stand apart from the other products because windows overlap: which entries meet is a matter of
places, not of axes. C is the number of channels of a group g, to which output channel o belongs.

In a row, ``x`` is (N, C, …) or without samples (C, …), ``w`` the kernels (O, C/groups, …), ``y``
the value, ``v`` its cotangent.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ShapeError
from tui_backprop.rules.axiswise import Axiswise, same
from tui_backprop.rules.gathering import as_array
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter
from tui_backprop.rules.sliding import Slide, refuse_misfits, sizes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Params, Shape


@dataclass(frozen=True, slots=True)
class _Layout:
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


def _layout(name: str, x: Shape, w: Shape, axes: int, params: Params) -> _Layout:
    """Read the shapes.

    Raises:
        ShapeError: ranks, channels or lengths do not fit.
        ArgumentError: a stride, say, is no whole number.
    """
    if len(x) not in {axes + 1, axes + 2} or len(w) != axes + 2:
        rest = "L" if axes == 1 else "H, W"
        raise ShapeError(
            f"{name} needs x of (N, C, {rest}) or (C, {rest}), and kernels of "
            f"(O, C/groups, {rest}); found {x} and {w}"
        )
    (groups,) = sizes(params["groups"], 1, "groups", 1)
    channels = x[-axes - 1]
    if channels % groups or w[0] % groups or channels // groups != w[1]:
        raise ShapeError(
            f"{name} of x {x} with kernels {w} and groups={groups}: {channels} channels must "
            f"be {w[1]} for each group, and the groups must divide the {w[0]} kernels"
        )
    how = (sizes(params[p], axes, p, least) for p, least in _LEAST)
    slides = tuple(map(Slide, x[-axes:], w[-axes:], *how))
    refuse_misfits(name, slides)
    lead = x[: -axes - 1]
    out = (*lead, w[0], *(s.windows for s in slides))
    return _Layout(prod(lead), groups, w[1], w[0] // groups, slides, out)


def _flat(array: Any) -> Any:
    """The sliding axes as one."""
    return array.reshape(*array.shape[:3], prod(array.shape[3:]))


def _row(name: str, axes: int, examples: tuple[Example, ...]) -> Rule:
    def layout(x: Shape, w: Shape, params: Params) -> _Layout:
        return _layout(name, x, w, axes, params)

    def forward(m: Any, x: Any, w: Any, **params: Any) -> Any:
        sizes = layout(x.shape, w.shape, params)
        x, w = as_array(m, x).reshape(sizes.x), as_array(m, w).reshape(sizes.w)
        total = np.zeros(sizes.y, dtype=np.result_type(x, w))
        for kernel, windows, places in sizes.terms():
            read = x[places]
            found = np.matmul(w[kernel], _flat(read))
            total[windows] += found.reshape(*found.shape[:3], *read.shape[3:])
        return total.reshape(sizes.out)

    def pull_x(v: Array, _y: Array, x: Array, w: Array, **params: Any) -> Array:
        sizes = layout(x.shape, w.shape, params)
        v, w = v.reshape(sizes.y), w.reshape(sizes.w)
        total = np.zeros(sizes.x, dtype=np.result_type(v, w))
        for kernel, windows, places in sizes.terms():
            sent = v[windows]
            found = np.matmul(w[kernel].swapaxes(-1, -2), _flat(sent))
            total[places] += found.reshape(*found.shape[:3], *sent.shape[3:])
        return total.reshape(x.shape)

    def pull_w(v: Array, _y: Array, x: Array, w: Array, **params: Any) -> Array:
        sizes = layout(x.shape, w.shape, params)
        v, x = v.reshape(sizes.y), x.reshape(sizes.x)
        total = np.zeros(sizes.w, dtype=np.result_type(v, x))
        for kernel, windows, places in sizes.terms():
            found = np.matmul(_flat(v[windows]), _flat(x[places]).swapaxes(-1, -2))
            total[kernel] = found.sum(axis=0)
        return total.reshape(w.shape)

    def entry_x(_m: Any, j: Index, i: Index, _y: Any, x: Any, w: Any, **params: Any) -> Any:
        sizes = layout(x.shape, w.shape, params)
        slid = zip(sizes.slides, j[-axes:], i[-axes:], strict=True)
        kernel = (s.entry(window, place) for s, window, place in slid)
        return w[(j[-axes - 1], i[-axes - 1] % sizes.channels, *kernel)]

    def entry_w(_m: Any, j: Index, i: Index, _y: Any, x: Any, w: Any, **params: Any) -> Any:
        sizes = layout(x.shape, w.shape, params)
        slid = zip(sizes.slides, j[-axes:], i[-axes:], strict=True)
        places = (s.place(window, k) for s, window, k in slid)
        channel = i[0] // sizes.kernels * sizes.channels + i[1]
        return x[(*j[: -axes - 1], channel, *places)]

    return structural(
        name,
        "x w",
        text=f"{name}({{x}}, {{w}}, stride={{stride}}, padding={{padding}}, "
        "dilation={dilation}, groups={groups})",
        parameters=_PARAMETERS,
        forward=forward,
        shape=lambda x, w, **params: layout(x, w, params).out,
        parts=(
            Part(
                linear=True,
                vjp=pull_x,
                sparsity=lambda out, x, w, **params: layout(x, w, params).for_x(),
                entry=entry_x,
            ),
            Part(
                linear=True,
                vjp=pull_w,
                sparsity=lambda out, x, w, **params: layout(x, w, params).for_w(),
                entry=entry_w,
            ),
        ),
        summary="each kernel slid over the channels; entries that overlap share their gradient",
        examples=examples,
    )


_PARAMETERS: Final = (
    Parameter("stride", "shape", 1),
    Parameter("padding", "shape", 0),
    Parameter("dilation", "shape", 1),
    Parameter("groups", "int", 1),
)
_LEAST: Final = (("stride", 1), ("padding", 0), ("dilation", 1))

RULES: Final[tuple[Rule, ...]] = (
    _row(
        "conv1d",
        1,
        (
            Example(((1, 4), (1, 1, 2))),
            Example(((2, 2, 3), (2, 2, 2)), {"padding": 1}),
            Example(((2, 5), (2, 1, 2)), {"groups": 2, "stride": 2, "dilation": 2}),
            Example(((0, 1, 3), (2, 1, 2))),
        ),
    ),
    _row(
        "conv2d",
        2,
        (
            Example(((1, 3, 3), (1, 1, 2, 2))),
            Example(((1, 2, 3, 2), (2, 2, 2, 1)), {"padding": (1, 0), "stride": (2, 1)}),
            Example(((2, 3, 3), (2, 1, 2, 2)), {"groups": 2, "dilation": 2, "padding": 1}),
        ),
    ),
)
