"""Transposed convolutions: what a convolution's backward pass does to v, as an op of its own.

    y[n, o, a·stride − padding + k·dilation] += x[n, c, a] · w[c, o, k]

In a row, ``x`` is (N, C, …) or without samples (C, …), ``w`` the kernels (C, O/groups, …), a bias
(O,) is added to every place of its channel. ``output_padding`` makes the value longer at its end.
"""

from __future__ import annotations

from functools import cache
from math import gcd, prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ArgumentError, ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.axiswise import Axiswise, Meeting, Steps, same
from tui_backprop.rules.gathering import as_array
from tui_backprop.rules.ops.network.convolution import bias_part, placed
from tui_backprop.rules.ops.network.convolving import Layout
from tui_backprop.rules.rows import Part, call_text, structural
from tui_backprop.rules.rule import SUMS_PRODUCTS, Example, Extras, Parameter
from tui_backprop.rules.windows import Slide, sizes

if TYPE_CHECKING:
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Params, Shape


def _turned(meeting: Meeting) -> Meeting:
    """The roles of value and operand exchanged."""
    return Meeting(meeting.in_axis, meeting.out_axis, meeting.ins, meeting.outs)


def _kernel_at(slide: Slide, axis: int) -> Meeting:
    """Which places the entries of a kernel reach, whatever the window: every stride-th."""
    reached = slide.over_kernel(axis, axis).outs
    entries = np.arange(slide.kernel, dtype=np.int64)
    first = reached.first * slide.stride - slide.padding + entries * slide.dilation
    return Meeting(axis, axis, Steps(first, reached.count, slide.stride), _entries_at(slide))


def _entries_at(slide: Slide) -> Steps:
    """For each place the entries of a kernel that reach it.

    Of a·stride + k·dilation = place + padding every k-th has a window a.
    """
    common = gcd(slide.stride, slide.dilation)
    step = slide.stride // common
    at = np.arange(slide.length, dtype=np.int64) + slide.padding
    rest = at // common % step * pow(slide.dilation // common, -1, step) % step
    ahead = at - (slide.windows - 1) * slide.stride
    low = np.maximum(0, -(-ahead // slide.dilation))
    high = np.minimum(slide.kernel - 1, at // slide.dilation)
    first = low + (rest - low) % step
    count = np.where(at % common == 0, np.maximum(0, (high - first) // step + 1), 0)
    return Steps(first, count, step)


@dataclass(frozen=True, slots=True)
class _Transposed:
    """What a row of a transposed convolution states.

    Attributes:
        name: the op.
        axes: how many slide.
    """

    name: str
    axes: int

    def layout(self, x: Shape, w: Shape, params: Params) -> Layout:
        """The convolution whose value has x's shape, and whose operand has that of y."""
        (groups,) = sizes(params["groups"], 1, "groups", 1)
        self._check(x, w, groups)
        slides = self._slides(x, w, params)
        lead = prod(x[: -self.axes - 1])
        return Layout(lead, groups, w[1], w[0] // groups, slides, x)

    def _check(self, x: Shape, w: Shape, groups: int) -> None:
        rest = "L" if self.axes == 1 else "H, W"
        is_ranked = len(x) in {self.axes + 1, self.axes + 2} and len(w) == self.axes + 2
        if not is_ranked or w[0] != x[-self.axes - 1] or w[0] % groups:
            raise ShapeError(
                said(
                    "{name} needs x of (N, C, {rest}) or (C, {rest}), and kernels of (C, O/groups, "
                    "{rest}) where groups={groups} divides C; found {x} and {w}",
                    name=self.name,
                    rest=rest,
                    groups=groups,
                    x=x,
                    w=w,
                )
            )

    def _slides(self, x: Shape, w: Shape, params: Params) -> tuple[Slide, ...]:
        """How the windows of that convolution slide over y."""
        axes = self.axes
        stride = sizes(params["stride"], axes, "stride", 1)
        dilation = sizes(params["dilation"], axes, "dilation", 1)
        padding = sizes(params["padding"], axes, "padding", 0)
        more = sizes(params["output_padding"], axes, "output_padding", 0)
        if any(n >= max(s, d) for n, s, d in zip(more, stride, dilation, strict=True)):
            raise ArgumentError(
                said(
                    "{name}: output_padding={more} must be smaller than stride={stride} or "
                    "dilation={dilation}",
                    name=self.name,
                    more=more,
                    stride=stride,
                    dilation=dilation,
                )
            )
        found = []
        for length, kernel, s, p, d, n in zip(
            x[-axes:], w[-axes:], stride, padding, dilation, more, strict=True
        ):
            made = (length - 1) * s - 2 * p + d * (kernel - 1) + n + 1
            found.append(Slide(made, kernel, s, p, d, p - n))
        if not all(x[-axes:]) or not all(w[-axes:]) or any(s.length < 1 for s in found):
            raise ShapeError(
                said(
                    "{name} of x {x} with kernels {w}, stride {stride} and padding {padding} has "
                    "no entries",
                    name=self.name,
                    x=x,
                    w=w,
                    stride=stride,
                    padding=padding,
                )
            )
        return tuple(found)

    def out(self, x: Shape, w: Shape, params: Params) -> Shape:
        """The shape of the value."""
        layout = self.layout(x, w, params)
        channels = layout.groups * layout.channels
        return (*x[: -self.axes - 1], channels, *(s.length for s in layout.slides))

    def shape(self, x: Shape, w: Shape, *bias: Shape, **params: Any) -> Shape:
        """The same, with a bias that fits."""
        found = self.out(x, w, params)
        wanted = (found[-self.axes - 1],)
        if bias and bias[0] != wanted:
            raise ShapeError(
                said(
                    "{name}: bias {bias} does not fit kernels {w} of x {x}: expected one for "
                    "each channel of the value, {wanted}",
                    name=self.name,
                    bias=bias[0],
                    w=w,
                    x=x,
                    wanted=wanted,
                )
            )
        return found

    def spread(self, m: Any, x: Any, w: Any, params: Params) -> Any:
        """The value without a bias: linear in x and in w."""
        layout = self.layout(x.shape, w.shape, params)
        x_, w_ = as_array(m, x).reshape(layout.y), as_array(m, w).reshape(layout.w)
        return layout.spread(x_, w_).reshape(self.out(x.shape, w.shape, params))

    def forward(self, m: Any, x: Any, w: Any, *bias: Any, **params: Any) -> Any:
        """The value."""
        found = self.spread(m, x, w, params)
        return found + placed(bias[0], self.axes) if bias else found

    def pull_x(self, v: Array, _y: Array, x: Array, w: Array, *_: Array, **params: Any) -> Array:
        """A convolution of v."""
        layout = self.layout(x.shape, w.shape, params)
        pulled = layout.convolved(v.reshape(layout.x), w.reshape(layout.w))
        return np.asarray(pulled).reshape(x.shape)

    def pull_w(self, v: Array, _y: Array, x: Array, w: Array, *_: Array, **params: Any) -> Array:
        """Each entry of a kernel receives from all places that it reached."""
        layout = self.layout(x.shape, w.shape, params)
        return layout.gathered(x.reshape(layout.y), v.reshape(layout.x)).reshape(w.shape)

    def entry_x(
        self, _m: Any, j: Index, i: Index, _y: Any, x: Any, w: Any, *_: Any, **params: Any
    ) -> Any:
        """The entry of the kernel that carries x[i] to y[j]."""
        layout = self.layout(x.shape, w.shape, params)
        slid = zip(layout.slides, i[-self.axes :], j[-self.axes :], strict=True)
        kernel = (s.entry(window, place) for s, window, place in slid)
        return w[(i[-self.axes - 1], j[-self.axes - 1] % layout.channels, *kernel)]

    def entry_w(
        self, _m: Any, j: Index, i: Index, _y: Any, x: Any, w: Any, *_: Any, **params: Any
    ) -> Any:
        """The entry of x that w[i] carries to y[j]."""
        layout = self.layout(x.shape, w.shape, params)
        slid = zip(layout.slides, i[-self.axes :], j[-self.axes :], strict=True)
        places = ((place + s.padding - k * s.dilation) // s.stride for s, k, place in slid)
        return x[(*j[: -self.axes - 1], i[0], *places)]

    def for_x(self, x: Shape, w: Shape, params: Params) -> Axiswise:
        """That of the convolution, turned around."""
        found = self.layout(x, w, params).for_x()
        return Axiswise(found.in_shape, found.out_shape, tuple(map(_turned, found.meetings)))

    def for_w(self, x: Shape, w: Shape, params: Params) -> Axiswise:
        """Group and channel of the value agree, samples and channels of x are free."""
        layout = self.layout(x, w, params)
        slides = (_kernel_at(s, 3 + a) for a, s in enumerate(layout.slides))
        ties = same(1, 0, layout.groups), same(2, 2, layout.channels)
        return Axiswise(layout.x, layout.w, (*ties, *slides))


_PARAMETERS: Final = (
    Parameter("stride", "shape", 1),
    Parameter("padding", "shape", 0),
    Parameter("output_padding", "shape", 0),
    Parameter("groups", "int", 1),
    Parameter("dilation", "shape", 1),
)


def _with_bias(kind: _Transposed, example: Example) -> Example:
    params = {p.name: p.default for p in _PARAMETERS} | dict(example.params)
    x, w = example.shapes
    return Example((x, w, (kind.out(x, w, params)[-kind.axes - 1],)), example.params)


def _row(kind: _Transposed, examples: tuple[Example, ...], extras: tuple[str, ...] = ()) -> Rule:
    return structural(
        kind.name,
        " ".join(("x", "w", *extras)),
        text=call_text(kind.name, "xw", (*(p.name for p in _PARAMETERS), *extras)),
        parameters=_PARAMETERS,
        forward=kind.forward,
        shape=kind.shape,
        cost=lambda out, x, w, *_, **params: prod(x) * prod(w[1:]),
        parts=(
            Part(
                jvp=lambda t, y, x, w, *_, **params: kind.spread(np, t, w, params),
                vjp=kind.pull_x,
                sparsity=lambda out, x, w, *_, **params: kind.for_x(x, w, params),
                entry=kind.entry_x,
            ),
            Part(
                jvp=lambda t, y, x, w, *_, **params: kind.spread(np, x, t, params),
                vjp=kind.pull_w,
                sparsity=lambda out, x, w, *_, **params: kind.for_w(x, w, params),
                entry=kind.entry_w,
            ),
            *(bias_part(kind.axes) for _ in extras),
        ),
        summary="each entry of the channels spread over a window by the kernels: the backward pass "
        "of a convolution",
        examples=tuple(_with_bias(kind, e) if extras else e for e in examples),
        traits=SUMS_PRODUCTS,
        extras=Extras(
            ("bias",), cache(lambda given: _row(kind, examples, given)), stand_first=True
        ),
    )


RULES: Final[tuple[Rule, ...]] = (
    _row(
        _Transposed("conv_transpose1d", 1),
        (
            Example(((1, 3), (1, 1, 2))),
            Example(((2, 2, 3), (2, 1, 2)), {"stride": 2, "padding": 1, "output_padding": 1}),
            Example(((2, 2), (2, 2, 2)), {"groups": 2, "stride": 2, "dilation": 3}),
            Example(((1, 3), (1, 1, 3)), {"stride": 2, "dilation": 2, "padding": 2}),
            Example(((0, 1, 2), (1, 2, 2))),
        ),
    ),
    _row(
        _Transposed("conv_transpose2d", 2),
        (
            Example(((1, 2, 2), (1, 1, 2, 2))),
            Example(
                ((1, 2, 2, 1), (2, 1, 2, 2)),
                {"stride": (2, 1), "padding": (1, 0), "output_padding": (1, 0)},
            ),
            Example(((2, 2, 2), (2, 1, 1, 2)), {"groups": 2, "dilation": 2, "output_padding": 1}),
        ),
    ),
)
