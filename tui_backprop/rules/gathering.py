"""Rows whose every output entry is one operand entry.

A row states where entries go; forward, derivative and formula are derived from that.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tui_backprop.rules.rows import Part, structural
from tui_backprop.rules.rule import MOVES, Parameter
from tui_backprop.rules.shapes import broadcast_ties, remembered, unbroadcast
from tui_backprop.rules.sparsity import Gathered, Tied

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_backprop.rules.rule import Example, Rule, Traits
    from tui_backprop.rules.sparsity import Sparsity
    from tui_backprop.rules.types import Array, IntArray, Shape


ORDER: Final = Parameter("order", "order", "C")
"""Which index changes quickest where entries are taken in a row: the last (C), or the first (F)."""


def same_order(
    name: str,
    shape: Callable[..., Shape],
    summary: str,
    examples: tuple[Example, ...],
    parameters: tuple[Parameter, ...] = (),
    text: str = "",
    directly: Callable[..., Array] | None = None,
) -> Rule:
    """A row that gives the same entries in the same order another shape.

    With `ORDER` among its parameters the order may be Fortran's, in which they are taken and put.
    ``directly(x, **params)`` is NumPy's own function, which works the shape out sooner.
    """

    def reshaped(x: Any, wanted: Shape, order: str = "C", **_params: Any) -> Any:
        return x.reshape(wanted, order="F" if order == "F" else "C")

    def sparsity(out: Shape, x: Shape, order: str = "C", **_params: Any) -> Sparsity:
        if order != "F":
            return Tied((prod(out),), (prod(x),), ((0, 0),))
        places = np.arange(prod(x), dtype=np.intp).reshape(x)
        return Gathered(reshaped(places, out, order).ravel(), prod(x))

    def shape_of(x: Shape, order: str = "C", **params: Any) -> Shape:
        del order  # the shape is the same either way
        return shape(x, **params)

    def pull(v: Array, _y: Array, x: Array, order: str = "C", **_params: Any) -> Array:
        return v.reshape(x.shape) if order != "F" else v.reshape(x.shape, order="F")

    part = Part(
        linear=True,
        vjp=pull,
        sparsity=sparsity,
        entry=_one,
        nonzeros=lambda out, x, **params: prod(out),
    )

    def forward(m: Any, x: Any, **params: Any) -> Any:
        if m is np and directly is not None:
            return directly(x, **params)
        return reshaped(as_array(m, x), shape_of(x.shape, **params), params.get("order", "C"))

    return _row(name, parameters, forward, shape_of, part, summary, examples, text)


def permuted(
    name: str,
    order: Callable[..., tuple[int, ...]],
    summary: str,
    examples: tuple[Example, ...],
    parameters: tuple[Parameter, ...],
) -> Rule:
    """A row that puts the axes in another order.

    ``order(shape, **params)`` gives the operand's axis behind each axis of the value.
    """
    quick = remembered(order)

    @remembered
    def back(x: Shape, **params: Any) -> tuple[int, ...]:
        axes = order(x, **params)
        return tuple(sorted(range(len(axes)), key=axes.__getitem__))

    def pull(v: Array, _y: Array, x: Array, **params: Any) -> Array:
        if params.get("axes", 0) is None:  # turned around, as it is back
            return v.transpose()
        return v.transpose(back(x.shape, **params)) if x.ndim else v

    part = Part(
        linear=True,
        vjp=pull,
        sparsity=lambda out, x, **params: Tied(out, x, tuple(enumerate(order(x, **params)))),
        entry=_one,
    )

    def forward(m: Any, x: Any, **params: Any) -> Any:
        if m is np and params.get("axes", 0) is None:
            return x.transpose()
        own = quick(x.shape, **params)
        return x.transpose(own) if isinstance(x, np.ndarray) else m.transpose(x, axes=own)

    def shape(x: Shape, **params: Any) -> Shape:
        return tuple(x[a] for a in order(x, **params))

    return _row(name, parameters, forward, shape, part, summary, examples)


def repeated(
    name: str,
    shape: Callable[..., Shape],
    summary: str,
    examples: tuple[Example, ...],
    parameters: tuple[Parameter, ...],
    directly: Callable[..., Array] | None = None,
) -> Rule:
    """A row that broadcasts its operand to a shape; ``directly`` as in `same_order`."""
    part = Part(
        linear=True,
        vjp=lambda v, y, x, **params: unbroadcast(v, x.shape),
        sparsity=lambda out, x, **params: Tied(out, x, broadcast_ties(out, x)),
        entry=_one,
        nonzeros=lambda out, x, **params: prod(out),
    )

    def forward(m: Any, x: Any, **params: Any) -> Any:
        if m is np and directly is not None:
            return directly(x, **params)
        return np.broadcast_to(as_array(m, x), shape(x.shape, **params))

    return _row(name, parameters, forward, shape, part, summary, examples)


def gathered(
    name: str,
    shape: Callable[..., Shape],
    pick: Callable[..., Array],
    summary: str,
    examples: tuple[Example, ...],
    parameters: tuple[Parameter, ...],
    traits: Traits = MOVES,
    back: Callable[..., Array | None] = lambda _v, _x, **_params: None,
) -> Rule:
    """A row that puts entries elsewhere: ``pick(array, **params)`` is NumPy's own doing.

    ``pick`` takes ``fill=`` where the value has entries that no operand entry gives; such a row
    has other traits than `MOVES`. ``back(v, shape, **params)`` brings v to the operand's shape
    where NumPy has a quick way; where it gives None, entries are sent back one by one.
    """

    def source(x: Shape, params: dict[str, Any]) -> IntArray:
        places = np.arange(prod(x), dtype=np.intp).reshape(x)
        return np.asarray(pick(places, fill=-1, **params), dtype=np.intp).ravel()

    def scattered(v: Array, _y: Array, x: Array, **params: Any) -> Array:
        found = back(v, x.shape, **params)
        if found is not None:
            return found
        places = source(x.shape, params)
        total = np.zeros(x.size, dtype=v.dtype)
        np.add.at(total, places[places >= 0], v.ravel()[places >= 0])
        return total.reshape(x.shape)

    def tangent(t: Array, _y: Array, _x: Array, **params: Any) -> Array:
        return np.asarray(pick(t, fill=0, **params))

    def forward(m: Any, x: Any, **params: Any) -> Any:
        return pick(as_array(m, x), fill=None, **params)

    part = Part(
        vjp=scattered,
        jvp=tangent,
        sparsity=lambda out, x, **params: Gathered(source(x, params), prod(x)),
        entry=_one,
    )
    return _row(name, parameters, forward, shape, part, summary, examples, traits=traits)


def as_array(m: Any, x: Any) -> Any:
    """The operand for NumPy's own functions, which put formulas in order as they do numbers."""
    return x if m is np else np.asarray(x, dtype=object)


def _one(*_: Any, **_params: Any) -> int:
    return 1


def _row(
    name: str,
    parameters: tuple[Parameter, ...],
    forward: Callable[..., Any],
    shape: Callable[..., Shape],
    part: Part,
    summary: str,
    examples: tuple[Example, ...],
    text: str = "",
    traits: Traits = MOVES,
) -> Rule:
    """The row that all of these share: one operand."""
    return structural(
        name,
        "x",
        text=text,
        parameters=parameters,
        forward=forward,
        shape=shape,
        parts=(part,),
        summary=summary,
        examples=examples,
        traits=traits,
    )
