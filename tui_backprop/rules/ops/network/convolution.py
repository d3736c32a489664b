"""Convolutions of deep learning, as PyTorch computes them: the kernel is not turned around.

Windows overlap, so which entries meet is a matter of places, not of axes. C is the number of
channels of a group g, to which output channel o belongs.

    y[n, o, a] = Σ_c Σ_k x[n, g·C + c, a·stride − padding + k·dilation] · w[o, c, k]

In a row, ``x`` is (N, C, …) or without samples (C, …), ``w`` the kernels (O, C/groups, …), a bias
(O,) is added to every place of its channel.
"""

from __future__ import annotations

from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.dataclass import dataclass
from tui_backprop.errors import ShapeError
from tui_backprop.language.message import said
from tui_backprop.rules.gathering import as_array
from tui_backprop.rules.ops.network.convolving import layout_of
from tui_backprop.rules.rows import Part, call_text, structural
from tui_backprop.rules.rule import SUMS_PRODUCTS, Example, Extras, Parameter
from tui_backprop.rules.sparsity import Tied

if TYPE_CHECKING:
    from tui_backprop.rules.ops.network.convolving import Layout
    from tui_backprop.rules.rule import Rule
    from tui_backprop.rules.types import Array, Index, Params, Shape


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
        return sizes.convolved(x, w).reshape(sizes.out)

    def forward(self, m: Any, x: Any, w: Any, *bias: Any, **params: Any) -> Any:
        """The value."""
        found = self.convolved(m, x, w, params)
        return found + placed(bias[0], self.axes) if bias else found

    def pull_x(self, v: Array, _y: Array, x: Array, w: Array, *_: Array, **params: Any) -> Array:
        """Each entry of x receives from the windows that it lies in."""
        sizes = self.layout(x.shape, w.shape, params)
        pulled = sizes.spread(v.reshape(sizes.y), w.reshape(sizes.w))
        return np.asarray(pulled).reshape(x.shape)

    def pull_w(self, v: Array, _y: Array, x: Array, w: Array, *_: Array, **params: Any) -> Array:
        """Each entry of a kernel receives from every window."""
        sizes = self.layout(x.shape, w.shape, params)
        return sizes.gathered(v.reshape(sizes.y), x.reshape(sizes.x)).reshape(w.shape)

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


def placed(bias: Any, axes: int) -> Any:
    """With the sliding axes behind its own."""
    return bias.reshape(*bias.shape, *(1,) * axes)


def bias_part(axes: int) -> Part:
    """The derivative by the bias, which is added to every place of its channel."""

    def pull(v: Array, _y: Array, _x: Array, _w: Array, bias: Array, **_params: Any) -> Array:
        gone = tuple(a for a in range(v.ndim) if a != v.ndim - axes - 1)
        return np.reshape(np.sum(v, axis=gone), bias.shape)

    return Part(
        vjp=pull,
        jvp=lambda t, y, *_, **params: np.broadcast_to(placed(t, axes), y.shape),
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
            *(bias_part(axes) for _ in extras),
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
