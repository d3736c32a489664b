"""The step in words: what its formulas mean, and what they do not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from tui_backprop.graph.model import Role
from tui_backprop.graph.naming import is_read_again
from tui_backprop.language.message import joined
from tui_backprop.render.text.charset import spelled
from tui_backprop.render.text.choices import choice
from tui_backprop.render.text.numbers import number, numerals_in
from tui_backprop.render.text.updates import symbol
from tui_backprop.timeline.frame import Phase
from tui_backprop.timeline.step_facts import (
    is_complete_here,
    is_picked,
    pulled,
    sum_by_adding,
    updated,
    why_unknown,
)

if TYPE_CHECKING:
    from tui_backprop.graph.model import Node
    from tui_backprop.render.view import View


Length: TypeAlias = Literal["whole", "brief", "beyond"]
"""All that is said; what arrives, and the rest; that alone which the formulas do not say."""


def sentences(view: View, length: Length = "whole") -> tuple[str, ...]:
    """The step in words; in fewer of them where its formulas say the rest."""
    return tuple(spelled(said, view.charset) for said in _said(view, length))


def remarks(view: View) -> tuple[str, ...]:
    """The sentences of a step that its formulas do not say."""
    if view.frame.phase is not Phase.PARTIAL:
        return sentences(view)[1:]
    if why_unknown(view.frame):
        return sentences(view)
    if not pulled(view.frame)[1].is_structural:
        return ()
    return tuple(spelled(said, view.charset) for said in _beyond(view))


def _beyond(view: View) -> tuple[str, ...]:
    """That a slope is a choice; that a sum is not what its summands give."""
    told, say, frame = [], view.spoken.say, view.frame
    if kink := choice(frame):
        told.append(view.spoken.retold(kink))
    if (added := sum_by_adding(frame)) is not None:
        names = {"op": frame.node.op, "sum": number(added, numerals_in(view.charset))}
        if frame.is_forward:
            told.append(say("{op} is pushed forward as a whole, by a formula for all of it: "
                            "adding this term would give {sum}.", **names))  # fmt: skip
        else:
            told.append(say("{op} is pulled back as a whole, by a formula for all of it: adding "
                            "this term would give {sum}.", **names))  # fmt: skip
    return tuple(told)


def _said(view: View, length: Length) -> tuple[str, ...]:
    frame = view.frame
    if frame.phase is Phase.PARTIAL:
        unknown = why_unknown(frame)
        if unknown:
            return (view.spoken.retold(unknown),)
        if frame.is_forward:
            return _about_pushed(view, length)
        becoming = _becoming(view) if length != "beyond" else ()
        return (*_about_partial(view, length), *becoming)
    if frame.phase is Phase.SEED:
        return _tangent_sentences(view) if frame.is_forward else _seed_sentences(view)
    if frame.phase is Phase.UPDATE:
        return _update_sentences(view)
    if frame.phase is Phase.ZERO_GRAD:
        say = view.spoken.say
        return (say("Every gradient is set to 0. What comes next does not add to what was."),)
    return (built_sentence(view, frame.node),)


def _update_sentences(view: View) -> tuple[str, ...]:
    """What an update does to an entry; what is kept for the next; when it will be read."""
    say, numerals, frame = view.spoken.say, numerals_in(view.charset), view.frame
    found = updated(frame)
    before, subtracted, after = (
        number(x, numerals) for x in (found.before, found.subtracted, found.after)
    )
    told = [
        say(
            "{name} was {before}; {subtracted} is subtracted, and it is {after} from here on.",
            name=view.namer.entry(frame.node.id, frame.column),
            before=before,
            subtracted=subtracted,
            after=after,
        )
    ]
    kept = {
        "b": say(
            "{b} is the momentum buffer: it is kept for the next iteration.", b=symbol(view, "b")
        ),
        "m": say(
            "{m} and {s} are running means of the gradient and of its square, kept for the next "
            "iteration; the primes divide by what starting at 0 took from them.",
            m=symbol(view, "m"),
            s=symbol(view, "s"),
        ),
    }
    computed = {c.line.symbol for c in frame.timeline.updates.of(frame.node.id)}
    told += [text for name, text in kept.items() if name in computed]
    return tuple(told)


def _becoming(view: View) -> tuple[str, ...]:
    """Where the walk comes to a node: that its adjoint is what is pulled back from here on."""
    frame, namer = view.frame, view.namer
    if not is_complete_here(frame):
        return ()
    names = {"adjoint": namer.adjoint(frame.node.id), "name": namer.label(frame.node.id)}
    if namer.binds("v"):
        return (
            view.spoken.say(
                "{adjoint} is complete: it is pulled back through the edges of {name}.", **names
            ),
        )
    return (view.spoken.say("{adjoint} is complete: it is v for the edges of {name}.", **names),)


def _about_partial(view: View, length: Length) -> tuple[str, ...]:
    """The slope and what arrives, which reading of the parent is meant, what is peculiar."""
    if not pulled(view.frame)[1].is_structural:
        return (_unread(view),)
    arriving = {"whole": _arriving, "brief": _arriving_briefly}.get(length)
    said = () if arriving is None else (arriving(view),)
    return (*said, *_reading(view, is_brief=length != "whole"), *_beyond(view))


def _about_pushed(view: View, length: Length) -> tuple[str, ...]:
    """What a step of a forward walk adds to the tangent of its node."""
    edge, p = pulled(view.frame)
    if not p.is_structural:
        return (_unread(view),)
    reading = _reading(view, is_brief=length != "whole")
    if length == "beyond":
        return (*reading, *_beyond(view))
    say, namer, numerals = view.spoken.say, view.namer, numerals_in(view.charset)
    names = {
        "y": namer.entry(edge.node, p.j), "x": namer.entry(edge.parent, p.i),
        "contribution": number(p.contribution, numerals),
    }  # fmt: skip
    if length == "brief":
        told = say("The tangent of {y} receives {contribution}.", **names)
    else:
        told = say(
            "{y} depends on {x} with slope {slope}, and {x} moves with speed {t}: the tangent of "
            "{y} receives {contribution}.",
            slope=number(p.value, numerals), t=number(p.v, numerals), **names,
        )  # fmt: skip
    return (told, *reading, *_beyond(view))


def _tangent_sentences(view: View) -> tuple[str, ...]:
    """The seed of a forward walk: which way an input moves."""
    frame, say = view.frame, view.spoken.say
    told = [say(
        "A tangent t is placed on {name}: how fast each entry moves. Forward mode computes J·t: "
        "row j is the sum over i of the partial of y_j by x_i times t_i.",
        name=view.namer.label(frame.node.id),
    )]  # fmt: skip
    if frame.walk.run.assumed_ones:
        told.append(say("No tangent was given, so all ones are assumed."))
    inputs = frame.timeline.trace.graph.inputs.values()
    fixed = [view.namer.label(n) for n in inputs if n not in frame.walk.run.seeded]
    if fixed:
        names = view.spoken.retold(joined(", ", fixed))
        told.append(say("The other inputs are held fixed: {names}.", names=names))
    if not frame.walk.route.length:
        told.append(say("Nothing depends on it: no step goes forward."))
    return tuple(told)


def _unread(view: View) -> str:
    """Why a partial is 0 whatever the numbers are."""
    edge, p = pulled(view.frame)
    names = {"y": view.namer.entry(edge.node, p.j), "x": view.namer.entry(edge.parent, p.i)}
    if is_picked(view.frame):
        return view.spoken.say(
            "{y} does not read {x}: the data of {op} pick other entries.",
            op=view.frame.node.op,
            **names,
        )
    return view.spoken.say(
        "{y} does not read {x}: the slope is 0 whatever the numbers are.", **names
    )


def _arriving(view: View) -> str:
    """The slope, v, and what they give."""
    say, numerals = view.spoken.say, numerals_in(view.charset)
    edge, p = pulled(view.frame)
    names = {"y": view.namer.entry(edge.node, p.j), "x": view.namer.entry(edge.parent, p.i)}
    if p.value == 0 and p.contribution == 0:
        return say("The slope of {y} in {x} is 0 here, so nothing arrives.", **names)
    names["v"], names["v_value"] = view.namer.cotangent(edge.node, p.j), number(p.v, numerals)
    given = number(p.contribution, numerals)
    if p.value == 0:
        return say(
            "The slope of {y} in {x} is 0 here, and {v} is {v_value}: 0 times that is {nan}.",
            nan=given,
            **names,
        )
    return say(
        "{y} depends on {x} with slope {slope}, and {v} is {v_value}: {x} receives {contribution}.",
        slope=number(p.value, numerals),
        contribution=given,
        **names,
    )


def _arriving_briefly(view: View) -> str:
    """What arrives, under the formulas that say of what."""
    edge, p = pulled(view.frame)
    if p.value == 0 and p.contribution == 0:
        return view.spoken.say("The slope is 0 here, so nothing arrives.")
    return view.spoken.say(
        "{x} receives {contribution}.",
        x=view.namer.entry(edge.parent, p.i),
        contribution=number(p.contribution, numerals_in(view.charset)),
    )


def _reading(view: View, *, is_brief: bool) -> tuple[str, ...]:
    """Which reading of a parent is meant, where the node reads it several times."""
    edge, _ = pulled(view.frame)
    if not is_read_again(view.namer.graph, edge):
        return ()
    parents = view.frame.node.parents
    parent, nth = view.namer.label(edge.parent), parents[: edge.argument + 1].count(edge.parent)
    if is_brief:
        briefly = view.spoken.say(
            "This is what reading {number} of {parent} adds.", number=nth, parent=parent
        )
        return (briefly,)
    told = view.spoken.say(
        "{name} reads {parent} {count} times, told apart by primes: this is what reading {number} "
        "adds.",
        name=view.namer.label(edge.node),
        parent=parent,
        count=parents.count(edge.parent),
        number=nth,
    )
    return (told,)


def _seed_sentences(view: View) -> tuple[str, ...]:
    frame, say = view.frame, view.spoken.say
    name = view.namer.label(frame.node.id)
    if view.namer.binds("v"):
        seed = say(
            "A vector is placed on {name}. It is called {adjoint}, since the program has a v of "
            "its own.",
            name=name,
            adjoint=view.namer.adjoint(frame.node.id),
        )
    else:
        seed = say(
            "v is placed on {name}. backward(v) computes vᵀJ: entry i is the sum over j of v_j "
            "times the partial of y_j by x_i.",
            name=name,
        )
    told = [seed]
    walk = frame.timeline.walk(frame.pass_number)
    if walk.run.assumed_ones:
        told.append(_assumed(view, name, frame.node.size))
    if frame.is_whole_only:
        whole = view.spoken.say_in(
            "the step pane",
            "No partial is different from 0 whatever the numbers are, but a formula for a whole op "
            "makes what is not finite of v.",
        )
        told.append(whole)
    elif not walk.route.length:
        told.append(say("Nothing reaches an input from here: no step goes backward."))
    return tuple(told)


def _assumed(view: View, name: str, size: int) -> str:
    """The sentence about a v that was left out."""
    say = view.spoken.say
    if view.namer.binds("v") and size == 1:
        return say("No vector was given; {name} is one number, so it is 1.", name=name)
    if view.namer.binds("v"):
        return say(
            "No vector was given, so all ones are assumed. PyTorch would raise here, since {name} "
            "has {count} entries.",
            name=name,
            count=size,
        )
    if size == 1:
        return say("v was left out; {name} is one number, so v is 1.", name=name)
    return say(
        "v was left out, so all ones are assumed. PyTorch would raise here, since {name} has "
        "{count} entries.",
        name=name,
        count=size,
    )


def built_sentence(view: View, node: Node) -> str:
    """What a node is computed from, or what a leaf is."""
    say = view.spoken.say
    name = view.namer.label(node.id)
    if node.rule is not None:
        read = dict.fromkeys(view.namer.label(p) for p in node.parents)
        parents = view.spoken.retold(joined(", ", read))
        return say(
            "{name} is computed from {parents} by {op}: {summary}.",
            name=name,
            parents=parents,
            op=f"{node.rule.name}({', '.join(node.rule.operands)})",
            summary=view.spoken.translated(node.rule.summary),
        )
    if node.id in view.frame.timeline.updates.leaves:
        return say("{name} is trained: each iteration ends with its update.", name=name)
    tangents = view.frame.timeline.tangents
    if tangents is not None:
        if node.role is not Role.INPUT:
            return say("{name} is a constant: it does not move.", name=name)
        if node.id in tangents.by_input:
            return say("{name} is an input that moves: the walk begins with its tangent.",
                       name=name)  # fmt: skip
        return say("{name} is an input that is held fixed in this walk.", name=name)
    if node.role is Role.INPUT:
        return say("{name} is an input: the walk ends with its gradient.", name=name)
    return say("{name} is a constant: no gradient flows into it.", name=name)
