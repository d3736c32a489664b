"""The key ``update``: how a scenario trains, read and checked against its program."""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tui_backprop.dataclass import dataclass
from tui_backprop.graph.model import Backward
from tui_backprop.language.message import joined, said
from tui_backprop.scenario.kinds import Choice, Integer, Real, Words
from tui_backprop.scenario.records import ListOf, Named, Record, key
from tui_backprop.scenario.report import UNKNOWN_INPUT, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_backprop.graph.model import Graph, Pass
    from tui_backprop.graph.update_rules import Update, UpdateRule
    from tui_backprop.scenario.kinds import Kind, Word
    from tui_backprop.scenario.report import Report
    from tui_backprop.scenario.yaml_tree import Span


RULE_NAMES: Final = ("sgd", "momentum", "adam")
"""Of the table of rules, which is read where a scenario trains."""

_NAMES: Final = ListOf(Words(said("the name of an input")), said("names of inputs"), shortest=1)
_RATES: Final = ListOf(Real(0), said("decay rates"), shortest=2, longest=2)


@dataclass(frozen=True, slots=True, eq=False)
class UpdateFields:
    """``{rule: sgd, lr: 0.5, steps: 3}``."""

    span: Span
    rule: str | None = field(
        metadata=key(
            Choice(RULE_NAMES),
            "How trained inputs are updated, as PyTorch's optimizers do: sgd; momentum, which is "
            "sgd with a momentum of 0.9 where none is given; adam.",
        )
    )
    lr: float | None = field(
        metadata=key(Real(0), "The learning rate. Left out: 0.001."), default=None
    )
    steps: int | None = field(
        metadata=key(
            Integer(1), "How many iterations: forward, backward and an update each. Left out: 1."
        ),
        default=1,
    )
    of: tuple[Word | None, ...] | None = field(
        metadata=key(
            _NAMES,
            "The inputs that are trained. Left out: all that a backward pass reaches.",
        ),
        default=None,
    )
    zero_grad: bool | None = field(
        metadata=key(
            Choice((True, False)),
            "Whether gradients are set to zero before the backward pass of every iteration but the "
            "first. False: they add up from iteration to iteration.",
        ),
        default=True,
    )
    weight_decay: float | None = field(
        metadata=key(Real(0), "Times the input, added to its gradient. Left out: 0."), default=None
    )
    momentum: float | None = field(
        metadata=key(Real(0), "Of sgd and momentum: what is kept of the buffer."), default=None
    )
    dampening: float | None = field(
        metadata=key(
            Real(), "Of sgd and momentum: 1 minus it times the gradient goes into the buffer."
        ),
        default=None,
    )
    nesterov: bool | None = field(
        metadata=key(
            Choice((True, False)),
            "Of sgd and momentum: whether the gradient counts once more, beside the buffer.",
        ),
        default=None,
    )
    betas: tuple[float | None, ...] | None = field(
        metadata=key(
            _RATES,
            "Of adam: what is kept of the running means of the gradient and of its square. Left "
            "out: 0.9 and 0.999.",
        ),
        default=None,
    )
    eps: float | None = field(
        metadata=key(Real(0), "Of adam: added to the root that is divided by. Left out: 1e-8."),
        default=None,
    )


UPDATE: Final[Kind[UpdateFields]] = Named("update", Record(UpdateFields))


def resolved(
    declared: UpdateFields, graph: Graph, passes: Sequence[Pass] | None, report: Report
) -> Update | None:
    """How the scenario trains, or None with every problem reported.

    Args:
        declared: what the file says.
        graph: that is trained.
        passes: the backward passes of each iteration; None where one of them is not known, so
            that nobody can say what they reach.
        report: receives what does not fit.
    """
    from tui_backprop.graph.update_rules import UPDATE_RULES, Update

    rule = UPDATE_RULES.get(declared.rule or "")
    if rule is None or not _can_train(declared, graph, passes, report):
        return None
    settings = _settings(declared, rule, report)
    of = tuple(_trained(declared, graph, passes, report))
    steps = 1 if declared.steps is None else declared.steps
    what = said("{count} iterations, each node", count=f"{steps:,}")
    if report.exceeds(declared.span, "instructions", steps * len(graph.nodes), what):
        return None
    is_zeroed = declared.zero_grad is not False
    return Update(rule, MappingProxyType(settings), steps, of, is_zeroed)


def _can_train(
    declared: UpdateFields, graph: Graph, passes: Sequence[Pass] | None, report: Report
) -> bool:
    """Whether there is something to descend, and the same graph serves every iteration."""
    if passes is not None and not any(isinstance(p, Backward) for p in passes):
        report.span(declared.span, said("there is no backward pass, and so no gradient to follow"))
        return False
    if graph.masks:
        message = said(
            "a condition picks entries in this program, and may pick others after an update"
        )
        report.span(declared.span, message, said("write where(condition, a, b) instead"))
        return False
    return True


def _settings(declared: UpdateFields, rule: UpdateRule, report: Report) -> dict[str, float]:
    """The settings of the rule, those left out by default."""
    given: dict[str, float | None] = {
        name: getattr(declared, name)
        for name in ("lr", "weight_decay", "momentum", "dampening", "nesterov", "eps")
    }
    if declared.betas is not None:
        given |= dict(zip(("beta1", "beta2"), declared.betas, strict=True))
    known = {name: float(value) for name, value in given.items() if value is not None}
    for name in known.keys() - rule.defaults.keys():
        written = "betas" if name.startswith("beta") else name
        message = said("{rule} has no {setting}", rule=rule.name, setting=shown(written))
        report.span(declared.span, message, _hint(rule))
    settings = {**rule.defaults, **known}
    _check_settings(declared, settings, report)
    return settings


def _hint(rule: UpdateRule) -> str:
    names = dict.fromkeys("betas" if n.startswith("beta") else n for n in rule.defaults)
    return said("it has {settings}", settings=joined(", ", names))


def _check_settings(declared: UpdateFields, settings: dict[str, float], report: Report) -> None:
    """What PyTorch refuses is refused here, too."""
    if any(settings.get(name, 0) >= 1 for name in ("beta1", "beta2")):
        report.span(declared.span, said("each of betas must be less than 1"))
    if settings.get("nesterov") and (not settings["momentum"] or settings["dampening"]):
        report.span(declared.span, said("nesterov needs a momentum, and no dampening"))


def _trained(
    declared: UpdateFields, graph: Graph, passes: Sequence[Pass] | None, report: Report
) -> Iterator[str]:
    """The names of the trained inputs."""
    reached = set(graph.inputs) if passes is None else _reached(graph, passes)
    if declared.of is None:
        yield from (name for name in graph.inputs if name in reached)
        return
    seen: set[str] = set()
    for word in declared.of:
        if word is None:
            continue
        name, span = word.text, word.span
        if name not in graph.inputs:
            report.unknown(UNKNOWN_INPUT, name, span, graph.inputs)
        elif name in seen:
            report.span(span, said("{name} stands here twice", name=shown(name)))
        elif name not in reached:
            report.span(span, said(
                "no backward pass reaches {name}: it has no gradient to follow", name=shown(name)
            ))  # fmt: skip
        else:
            yield name
        seen.add(name)


def _reached(graph: Graph, passes: Sequence[Pass]) -> set[str]:
    """The names of the inputs that some pass reaches."""
    from tui_backprop.graph.plan import active_arguments, walk_from

    arguments = active_arguments(graph)
    seeds = {p.of for p in passes if isinstance(p, Backward)}
    ids = seeds | {n for of in seeds for n in walk_from(graph, of, arguments).parents}
    return {name for name, n in graph.inputs.items() if n in ids}
