"""How a convolution is laid out: samples, groups, channels and the windows that slide over them."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.axiswise import Axiswise, same
from tui_backprop.rules.windows import Slide, refuse_misfits, sizes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_backprop.rules.types import Array, Index, Params, Shape


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

    def convolved(self, x: Any, w: Any) -> Any:
        """What every window gives: linear in x and in w, which have the shapes stated here."""
        total = np.zeros(self.y, dtype=np.result_type(x, w))
        for kernel, windows, places in self.terms():
            read = x[places]
            found = np.matmul(w[kernel], _flat(read))
            total[windows] += found.reshape(*found.shape[:3], *read.shape[3:])
        return total

    def spread(self, v: Any, w: Any) -> Any:
        """The transpose of `convolved` by x: each entry receives from the windows it lies in."""
        total = np.zeros(self.x, dtype=np.result_type(v, w))
        for kernel, windows, places in self.terms():
            sent = v[windows]
            found = np.matmul(w[kernel].swapaxes(-1, -2), _flat(sent))
            total[places] += found.reshape(*found.shape[:3], *sent.shape[3:])
        return total

    def gathered(self, v: Array, x: Array) -> Array:
        """The transpose by w: each entry of a kernel receives from every window."""
        total = np.zeros(self.w, dtype=np.result_type(v, x))
        for kernel, windows, places in self.terms():
            found = np.matmul(_flat(v[windows]), _flat(x[places]).swapaxes(-1, -2))
            total[kernel] = found.sum(axis=0)
        return total


def _flat(array: Any) -> Any:
    """The sliding axes as one."""
    return array.reshape(*array.shape[:3], prod(array.shape[3:]))


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
