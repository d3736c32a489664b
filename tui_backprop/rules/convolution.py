"""Convolutions of deep learning, as PyTorch computes them: the kernel is not turned around.

    y[n, o, a] = Σ_c Σ_k x[n, g·C + c, a·stride − padding + k·dilation] · w[o, c, k]

They stand apart from the other products because windows overlap: which entries meet is a matter of
places, not of axes. C is the number of channels of a group g, to which output channel o belongs.

In a row, ``x`` is (N, C, …) or without samples (C, …), ``w`` the kernels (O, C/groups, …), ``y``
the value, ``v`` its cotangent.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ShapeError
from tui_backprop.rules.gathering import as_array
from tui_backprop.rules.listed import Listed
from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import Example, Parameter
from tui_backprop.rules.sliding import Windows, pair

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, IntArray, Shape


@dataclass(frozen=True, slots=True)
class _Layout:
    """The sizes of one convolution.

    Attributes:
        samples: N.
        groups: how many groups of channels.
        channels: C, of one group.
        kernels: output channels of one group.
        windows: how they slide.
        out: the value's shape.
    """

    samples: int
    groups: int
    channels: int
    kernels: int
    windows: Windows
    out: Shape

    @classmethod
    def of(cls, name: str, x: Shape, w: Shape, axes: int, params: dict[str, Any]) -> _Layout:
        """Read the shapes.

        Raises:
            ShapeError: ranks or channels do not fit.
            ArgumentError: a stride, say, is no whole number.
        """
        if len(x) not in {axes + 1, axes + 2} or len(w) != axes + 2:
            form = "(C, L)" if axes == 1 else "(C, H, W)"
            raise ShapeError(f"{name} needs x of {form}, maybe with samples before, and kernels "
                             f"of one axis more; found {x} and {w}")  # fmt: skip
        groups = pair(params["groups"], 1, "groups", 1)[1]
        channels = x[-axes - 1]
        if channels % groups or w[0] % groups or channels // groups != w[1]:
            raise ShapeError(
                f"{name} of x {x} with kernels {w} and groups={groups}: {channels} channels must "
                f"be {w[1]} for each group, and the groups must divide the {w[0]} kernels"
            )
        (*_, h, width), (*_, kh, kw) = (1, *x[-axes:]), (1, *w[-axes:])
        windows = Windows(
            (h, width),
            (kh, kw),
            pair(params["stride"], axes, "stride", 1),
            pair(params["padding"], axes, "padding", 0),
            pair(params["dilation"], axes, "dilation", 1),
        )
        lead = x[: -axes - 1]
        out = (*lead, w[0], *windows.out[-axes:])
        return cls(prod(lead), groups, w[1], w[0] // groups, windows, out)

    def x(self, x: Array) -> Array:
        """(n, g, c, h, w)."""
        return x.reshape(self.samples, self.groups, self.channels, *self.windows.lengths)

    def w(self, w: Array) -> Array:
        """(g, o, c, kh, kw)."""
        return w.reshape(self.groups, self.kernels, self.channels, *self.windows.kernel)

    def v(self, v: Array) -> Array:
        """(n, g, o, oh, ow)."""
        return v.reshape(self.samples, self.groups, self.kernels, *self.windows.out)

    def pairs(self) -> tuple[IntArray, IntArray, IntArray]:
        """Flat places of value, x and w that meet, one triple for each product."""
        window, place, kernel = self.windows.terms()
        n, g, o, c = np.ix_(*map(np.arange, (self.samples, self.groups, self.kernels,
                                             self.channels)))  # fmt: skip
        n, g, o, c = (a[..., None] for a in (n, g, o, c))
        out, size = prod(self.windows.out), prod(self.windows.lengths)
        j = ((n * self.groups + g) * self.kernels + o) * out + window + 0 * c
        i = ((n * self.groups + g) * self.channels + c) * size + place + 0 * o
        k = ((g * self.kernels + o) * self.channels + c) * prod(self.windows.kernel) + kernel
        shape = np.broadcast_shapes(j.shape, i.shape)
        return j.ravel(), i.ravel(), np.broadcast_to(k, shape).ravel()


def _row(name: str, axes: int, examples: tuple[Example, ...]) -> Rule:
    def layout(x: Any, w: Any, params: dict[str, Any]) -> _Layout:
        return _Layout.of(name, tuple(x), tuple(w), axes, params)

    def forward(m: Any, x: Any, w: Any, **params: Any) -> Any:
        sizes = layout(x.shape, w.shape, params)
        cut = sizes.windows.cut(sizes.x(as_array(m, x)), 0)
        found = np.einsum("ngcabij,gocij->ngoab", cut, sizes.w(as_array(m, w)))
        return found.reshape(sizes.out)

    def pull_x(v: Array, _y: Array, x: Array, w: Array, **params: Any) -> Array:
        sizes = layout(x.shape, w.shape, params)
        back = np.einsum("ngoab,gocij->ngcabij", sizes.v(v), sizes.w(w))
        return sizes.windows.paste(back).reshape(x.shape)

    def pull_w(v: Array, _y: Array, x: Array, w: Array, **params: Any) -> Array:
        sizes = layout(x.shape, w.shape, params)
        cut = sizes.windows.cut(sizes.x(x), 0)
        found = np.einsum("ngoab,ngcabij->gocij", sizes.v(v), cut)
        return np.asarray(found).reshape(w.shape)

    def listed(argument: int, out: Shape, x: Shape, w: Shape, params: dict[str, Any]) -> Listed:
        triple = layout(x, w, params).pairs()
        return Listed(triple[0], triple[1 + argument], (prod(out), prod((x, w)[argument])))

    def entry_x(_m: Any, j: Index, i: Index, _y: Any, x: Any, w: Any, **params: Any) -> Any:
        sizes = layout(x.shape, w.shape, params)
        kernel = [sizes.windows.entry_of(j[a - axes], i[a - axes], 2 - axes + a)
                  for a in range(axes)]  # fmt: skip
        return w[(j[-axes - 1], i[-axes - 1] % sizes.channels, *kernel)]

    def entry_w(_m: Any, j: Index, i: Index, _y: Any, x: Any, w: Any, **params: Any) -> Any:
        sizes = layout(x.shape, w.shape, params)
        slide = sizes.windows
        at = [
            j[a - axes] * slide.stride[b] - slide.padding[b] + i[a - axes] * slide.dilation[b]
            for a, b in ((a, 2 - axes + a) for a in range(axes))
        ]
        channel = i[0] // sizes.kernels * sizes.channels + i[1]
        return x[(*j[: -axes - 1], channel, *at)]

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
                sparsity=lambda out, x, w, **params: listed(0, out, x, w, params),
                entry=entry_x,
            ),
            Part(
                linear=True,
                vjp=pull_w,
                sparsity=lambda out, x, w, **params: listed(1, out, x, w, params),
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

RULES: Final[tuple[Rule, ...]] = (
    _row(
        "conv1d",
        1,
        (
            Example(((1, 4), (1, 1, 2))),
            Example(((2, 2, 3), (2, 2, 2)), {"padding": 1}),
            Example(((2, 5), (2, 1, 2)), {"groups": 2, "stride": 2, "dilation": 2}),
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
