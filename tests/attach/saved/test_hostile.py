"""A saved walk may come from anybody: whatever it holds, it is opened or refused by a sentence."""

from __future__ import annotations

import json
import zipfile
from copy import deepcopy
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attach.saved.test_laws import with_rows
from tests.attach.tapes import hooked, recorded
from tests.marks import spread
from tests.render.views import opened
from tests.strategies import GraphMaker
from tui_backprop.attach import thinned
from tui_backprop.attach.hook import AverageOp
from tui_backprop.attach.recorded import RecordedTrace
from tui_backprop.attach.saved import archive
from tui_backprop.attach.saved.reader import open_walk
from tui_backprop.dataclass import replace
from tui_backprop.debug.debugger import Debugger
from tui_backprop.errors import TuiBackpropError
from tui_backprop.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_backprop.attach.given import RecordedTape
    from tui_backprop.rules.types import Array

LIMITS = Limits(elements=10**4, total_elements=10**5, multiplications=10**6, walk_bytes=10**6)
in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def _rich() -> RecordedTrace:
    """Ops of the table with arguments of many kinds."""
    maker = GraphMaker()
    x = maker.input([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]], "x")
    table = maker.input(np.arange(12.0).reshape(4, 3), "table")
    chosen = maker.op("embedding", maker.constant([1.0, 3.0]), table)
    both = maker.op("add", x, chosen)
    part = maker.op("index", both, key=(Ellipsis, slice(0, 2, None), None))
    flat = maker.op("sum", part, axis=(0, 2), keepdims=True)
    soft = maker.op("softmax", flat, axis=1)
    maker.op("sum", maker.op("stack", soft, maker.op("leaky_relu", soft)))
    return with_rows(maker.trace())


def _of_a_model() -> RecordedTrace:
    """A walk of modules, whose lines are of two files."""
    walked = recorded(opened("mlp-2-3-1")[1])
    nodes = tuple(
        replace(
            n,
            module=("", "encoder.0", "encoder.1", "head")[n.id % 4],
            called=((1, 1), (2, 5))[: n.id % 3],
        )
        for n in walked.graph.nodes
    )
    graph = replace(walked.graph, nodes=nodes, files={"train.py": -3, "net.py": 20})
    return RecordedTrace(replace(walked.tape, graph=graph))


def _thin() -> RecordedTrace:
    """A walk that knows of most arrays how large they were."""
    walked = recorded(opened("mlp-2-3-1")[1])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(thinned, "SMALL", 1)
        return RecordedTrace(thinned.thinned(walked.tape))


WALKS: dict[str, Callable[[], RecordedTrace]] = {
    "thin": _thin,
    "elsewhere": lambda: recorded(opened("mlp-2-3-1")[1], lambda n: n.id % 3 != 1),
    "rows": _rich,
    "hook": lambda: hooked(opened("chain")[1]),
    "average": lambda: hooked(
        opened("chain")[1], partial(AverageOp, ranks=2, reason="nobody came")
    ),
    "modules": _of_a_model,
}


def _bytes(walked: RecordedTrace, folder: Path) -> bytes:
    walked.save(folder / "a.walk")
    return (folder / "a.walk").read_bytes()


@pytest.fixture(scope="module", params=WALKS)
def raw(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a sound file."""
    return _bytes(WALKS[request.param](), tmp_path_factory.mktemp("walks"))


def _members(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(raw)) as found:
        return {name: found.read(name) for name in found.namelist()}


def _packed(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


def _with_head(raw: bytes, head: Any) -> bytes:
    return _packed({**_members(raw), archive.HEAD: json.dumps(head).encode()})


def _look(path: Path) -> bool:
    """Open a file and walk through it; whether it was opened."""
    try:
        found = open_walk(path, LIMITS)
    except TuiBackpropError as error:
        if str(path) not in str(error):
            raise AssertionError("the message does not name the file") from error
        return False
    session = Debugger(found)
    for k in spread(list(range(len(found.timeline))), 6):
        try:
            session.goto(k)
            _ = found.timeline[k].partial, session.execute("where")
        except TuiBackpropError:
            continue
    lines = "break layer encoder", "break train.py:3", "continue", "health", "origin nan", "why"
    for line in (*lines, "back"):
        try:
            session.execute(line)
        except TuiBackpropError:
            continue
    return True


def test_the_sound_files_open(raw: bytes, tmp_path: Path) -> None:
    """Else nothing below would show anything."""
    path = tmp_path / "a.walk"
    path.write_bytes(raw)
    assert _look(path)
    path.write_bytes(_packed(_members(raw)))
    assert _look(path)


@in_one_folder
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_refused(tmp_path: Path, data: bytes, begins_well: bool) -> None:
    """And so is a beginning that looks well."""
    path = tmp_path / "a.walk"
    path.write_bytes(b"PK\x03\x04" + bytes(26) + b"walk.json" + data if begins_well else data)
    with pytest.raises(TuiBackpropError, match=r"a\.walk: no saved walk"):
        open_walk(path, LIMITS)


@in_one_folder
@given(st.data())
def test_a_file_with_some_bytes_changed_opens_or_is_refused(
    raw: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    """Whatever they are, and wherever it was cut."""
    changed = bytearray(raw)
    places = st.integers(0, len(raw) - 1) | st.integers(max(len(raw) - 600, 0), len(raw) - 1)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(places)] = data.draw(st.integers(0, 255))
    stop = data.draw(st.none() | st.integers(0, len(raw)))
    path = tmp_path / "a.walk"
    path.write_bytes(bytes(changed[:stop]))
    _look(path)


def _slots(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON value, as a container and a key."""
    pairs = (
        list(value.items()) if isinstance(value, dict)
        else list(enumerate(value)) if isinstance(value, list)
        else []
    )  # fmt: skip
    return [(value, key) for key, _ in pairs] + [s for _, part in pairs for s in _slots(part)]


_ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 40), st.integers(), st.just(1.5),
    st.sampled_from(["", "x", "\x1b[31m", "0x1p+3", "encoder..1", "nan", "float32",
                     "softmax", "op", "input"]),
    st.sampled_from([[], [0], [3, 1], [[0, 0]], [None], {}, {"float": "0x1p+1"}, {"list": [0, 1]},
                     {"slice": [0, 1, None]}, {"ellipsis": True}, {"tied": [[2], [2], [[0, 0]]]},
                     {"listed": 1}, {"missing": "so"}]),
)  # fmt: skip


@pytest.mark.few(4)
@in_one_folder
@given(st.data())
def test_a_head_that_says_something_else_opens_or_is_refused(
    raw: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    """Any value replaced by another, any field left out or exchanged with another."""
    head = json.loads(_members(raw)[archive.HEAD])
    for _ in range(data.draw(st.integers(1, 3))):
        slots = _slots(head)  # by number: a drawn head would be told in full
        container, key = slots[data.draw(st.integers(0, len(slots) - 1))]
        how = data.draw(st.sampled_from(["other", "other", "gone", "exchanged"]))
        if how == "gone":
            del container[key]
        elif how == "exchanged":
            other, place = slots[data.draw(st.integers(0, len(slots) - 1))]
            container[key] = deepcopy(other[place])
        else:
            container[key] = deepcopy(data.draw(_ODD))
        if not _slots(head):
            break
    path = tmp_path / "a.walk"
    path.write_bytes(_with_head(raw, head))
    _look(path)


@pytest.mark.few(2)
@in_one_folder
@given(st.data())
def test_other_numbers_open_or_are_refused(raw: bytes, tmp_path: Path, data: st.DataObject) -> None:
    """Labels that name nothing, NaN for places, and whatever else fits in an array."""
    members = _members(raw)
    name = data.draw(st.sampled_from([f"{n}.npy" for n in archive.ARRAYS]))
    with BytesIO(members[name]) as file:
        numbers: Array = np.lib.format.read_array(file, allow_pickle=False).copy()
    start = len(members[name]) - numbers.nbytes
    odd = [-1, 0, 3, 1 << 40] if numbers.dtype.kind == "i" else [np.nan, np.inf, -1.5, 1e300, 7.0]
    for _ in range(data.draw(st.integers(0, min(3, numbers.size)))):
        at = data.draw(st.integers(0, numbers.size - 1))
        numbers[at] = data.draw(st.sampled_from(odd))
    members[name] = members[name][:start] + numbers.tobytes()
    path = tmp_path / "a.walk"
    path.write_bytes(_packed(members))
    _look(path)


def _changed(name: str, change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    """A file whose head says something else under a name."""

    def made(raw: bytes) -> bytes:
        head = json.loads(_members(raw)[archive.HEAD])
        head[name] = change(head[name])
        return _with_head(raw, head)

    return made


def _added(name: str, value: Any) -> Callable[[bytes], bytes]:
    """A file whose head says one thing more."""

    def made(raw: bytes) -> bytes:
        return _with_head(raw, json.loads(_members(raw)[archive.HEAD]) | {name: value})

    return made


def _node(number: int, **fields: Any) -> Callable[[bytes], bytes]:
    """A file of which one node is another."""

    def change(nodes: Any) -> Any:
        nodes[number] |= fields
        return nodes

    return _changed("nodes", change)


def _replaced(name: str, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """A file of which one member is another."""

    def made(raw: bytes) -> bytes:
        members = _members(raw)
        return _packed({**members, name: change(members[name])})

    return made


def _npy(array: Array) -> Callable[[bytes], bytes]:
    def made(_data: bytes) -> bytes:
        out = BytesIO()
        np.lib.format.write_array(out, array, allow_pickle=False)
        return out.getvalue()

    return made


def _nested(depth: int) -> Callable[[Any], Any]:
    def made(_value: Any) -> Any:
        found: Any = 0
        for _ in range(depth):
            found = [found]
        return found

    return made


def _renamed(raw: bytes) -> bytes:
    members = _members(raw)
    return _packed({("../seed.npy" if n == "seed.npy" else n): x for n, x in members.items()})


def _twice(raw: bytes) -> bytes:
    out = BytesIO(raw)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "a") as made:
        made.writestr("seed.npy", b"")
    return out.getvalue()


REFUSED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "another format": (_changed("format", lambda _n: 2), "format 2; this program reads 1"),
    "too deep": (_changed("names", _nested(70)), "71 deep exceed the limit of 64"),
    "a float among numbers": (_changed("of", lambda _n: 1.5), "'1.5' is no whole number"),
    "a key given twice": (
        _replaced(archive.HEAD, lambda d: d.replace(b'{"format":', b'{"format":1,"format":')),
        "a key is given twice",
    ),
    "no UTF-8": (_replaced(archive.HEAD, lambda d: d[:-2] + b"\xff}"), "not readable"),
    "an unknown key": (_node(0, code="x"), "unknown key 'code'"),
    "a later parent": (_node(3, parents=[4]), "expected a whole number from 0 to 2"),
    "itself as parent": (_node(3, parents=[3]), "expected a whole number from 0 to 2"),
    "an escape sequence": (_node(0, name="\x1b[31m"), "without control characters"),
    "half a character": (_changed("program", lambda _p: "\ud800"), "program: expected a text"),
    "an escape sequence for a module": (_node(0, module="\x1b[31m"), "without control characters"),
    "a number for a module": (_node(0, module=1), r"module: expected a text of at most"),
    "a long module": (_node(0, module="a." * 6000), r"module: expected a text of at most"),
    "a deep module": (_node(0, module="a" + ".a" * 64), "65 nesting exceed the limit of 64"),
    "files in a list": (_added("files", ["train.py"]), "files: expected an object"),
    "a file's name": (_added("files", {"\x1b": 1}), "without control characters"),
    "a file's lines": (_added("files", {"a.py": "1"}), "a.py: expected a whole number from"),
    "a file far away": (_added("files", {"a.py": 1 << 40}), "a.py: expected a whole number from"),
    "a large array": (_node(0, shape=[20_000]), "20,000 elements exceed the limit of 10,000"),
    "no numbers, large": (_node(0, shape=[0, 20_000]), "elements exceed the limit"),
    "many axes": (_node(0, shape=[1] * 33), "33 axes exceed the limit of 32"),
    "a negative axis": (_node(0, shape=[-1]), "expected a whole number from 0"),
    "a leaf without value": (_changed("values", lambda v: v[1:]), "bytes; expected|has none"),
    "no v": (_changed("cotangents", lambda v: v[1:]), "bytes; expected|is missing"),
    "a seed elsewhere": (_changed("of", lambda _n: 10**6), "expected a whole number from 0 to"),
    "an unlisted leaf": (_changed("inputs", lambda _i: {}), "a name for every input"),
    "an input as constant": (_changed("constants", lambda _c: {"x": 0}), "constants, each once"),
    "more numbers": (_replaced("values.npy", lambda d: d + bytes(8)), "values.npy: it has"),
    "fewer numbers": (_replaced("values.npy", lambda d: d[:-8]), "expected .* numbers of type"),
    "objects": (
        _replaced("seed.npy", lambda d: d.replace(b"'<f8'", b"'|O' ")),
        "seed.npy: its header is another one",
    ),
    "by column": (
        _replaced("seed.npy", lambda d: d.replace(b"False", b"True ")),
        "seed.npy: its header is another one",
    ),
    "another type": (
        _replaced("seed.npy", lambda d: d.replace(b"<f8", b"<i8")),
        "seed.npy: its header is another one",
    ),
    "a matrix": (_replaced("seed.npy", _npy(np.zeros((1, 1)))), "seed.npy"),
    "a member missing": (
        lambda raw: _packed({n: x for n, x in _members(raw).items() if n != "seed.npy"}),
        "it has 7 members; expected 8",
    ),
    "a member elsewhere": (_renamed, r"it holds '\.\./seed\.npy'"),
    "a member twice": (_twice, "it has 9 members; expected 8"),
    "packed": (
        lambda raw: _packed(_members(raw), zipfile.ZIP_DEFLATED),
        "it is packed, and a saved walk is not",
    ),
    "cut": (lambda raw: raw[:-1], "it is cut short"),
    "a comment": (lambda raw: raw[:-2] + b"\x01\x00x", "it is cut short"),
    "nothing": (lambda _raw: b"", "it is cut short"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str, tmp_path: Path) -> None:
    """By a sentence that names the file and what is wrong in it."""
    change, words = REFUSED[name]
    path = tmp_path / "a.walk"
    path.write_bytes(change(_bytes(WALKS["elsewhere"](), tmp_path)))
    with pytest.raises(TuiBackpropError, match=words) as caught:
        open_walk(path, LIMITS)
    assert str(path) in str(caught.value)


def _sizes(key: str, change: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    def changed(sizes: Any) -> Any:
        return {**sizes, key: change(sizes[key])}

    return _changed("sizes", changed)


def _told_of_another(raw: bytes) -> bytes:
    head = json.loads(_members(raw)[archive.HEAD])
    told = [head["contributions"][0]]
    return _with_head(raw, {**head, "sizes": {**head["sizes"], "told": told}})


def _norm(value: float) -> Callable[[bytes], bytes]:
    """The first number of the sizes is another one."""
    packed = np.array([value], "<f8").tobytes()
    return _replaced("sizes.npy", lambda d: d[:128] + packed + d[136:])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_sizes("values", lambda v: [*v, 10**6]), "expected a whole number from 0 to"),
        (_sizes("cotangents", lambda v: v[1:]), "bytes; expected|is missing"),
        (_sizes("contributions", lambda v: [*v, v[0]]), "expected ascending edges, each once"),
        (_told_of_another, "expected edges whose size is told"),
        (_changed("sizes", lambda _s: {}), "there is no 'values'"),
        (_norm(-1.0), "is no norm and no counts of"),
        (_norm(-np.inf), "is no norm and no counts of"),
        (_changed("cotangents", lambda v: v[:-1]), "bytes; expected"),
    ],
)
def test_sizes_that_no_array_has_are_refused(
    change: Callable[[bytes], bytes], words: str, tmp_path: Path
) -> None:
    """And such of what is there."""
    path = tmp_path / "a.walk"
    path.write_bytes(change(_bytes(_thin(), tmp_path)))
    with pytest.raises(TuiBackpropError, match=words):
        open_walk(path, LIMITS)


def _row(op: str, **params: Any) -> Callable[[Any], Any]:
    """The nodes with other arguments of one op."""

    def change(nodes: Any) -> Any:
        node = next(n for n in nodes if n.get("row", {}).get("name") == op)
        node["row"]["params"] |= params
        return nodes

    return change


def _called(op: str, name: str) -> Callable[[Any], Any]:
    def change(nodes: Any) -> Any:
        next(n for n in nodes if n.get("row", {}).get("name") == op)["row"]["name"] = name
        return nodes

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_called("softmax", "eval"), "there is no op 'eval' of the operands x"),
        (_called("softmax", "add"), "there is no op 'add' of the operands x"),
        (_row("softmax", axis=5), "'softmax' does not fit"),
        (_row("softmax", axis="a"), "axis must be a whole number"),
        (_row("softmax", code=1), "unknown key 'code'"),
        (_row("sum", axis=[1]), "'sum' gives the shape"),
        (_row("index", key=[{"slice": [0]}]), "a slice has three numbers"),
        (_row("index", key=[{"float": "0x1p+0"}]), "an index must be"),
        (_row("leaky_relu", negative_slope={"float": "one"}), "no number in base 16"),
    ],
)
def test_ops_that_do_not_fit_are_refused(
    change: Callable[[Any], Any], words: str, tmp_path: Path
) -> None:
    """Only rows of the table, with arguments that they take, for the shapes that stand there."""
    path = tmp_path / "a.walk"
    path.write_bytes(_changed("nodes", change)(_bytes(WALKS["rows"](), tmp_path)))
    with pytest.raises(TuiBackpropError, match=words):
        open_walk(path, LIMITS)


@pytest.mark.parametrize(
    ("name", "most"), [("walk_bytes", 500), ("nodes", 4), ("total_elements", 5), ("nesting", 3)]
)
def test_limits_are_those_of_scenarios(name: str, most: int, tmp_path: Path) -> None:
    """Each by its name, with the way to raise it."""
    path = tmp_path / "a.walk"
    path.write_bytes(_bytes(WALKS["elsewhere"](), tmp_path))
    with pytest.raises(TuiBackpropError, match=rf"a\.walk.*--limit {name}="):
        open_walk(path, Limits().raised(**{name: most}))


def test_multiplications_are_counted_before_they_are_done(tmp_path: Path) -> None:
    """Those of ops of the table."""
    path = tmp_path / "a.walk"
    path.write_bytes(_bytes(WALKS["rows"](), tmp_path))
    with pytest.raises(TuiBackpropError, match=r"a\.walk.*--limit multiplications="):
        open_walk(path, Limits().raised(multiplications=10))


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_what_is_no_file_is_refused(kind: str, tmp_path: Path) -> None:
    """As by the reader of scenarios."""
    path = tmp_path / "a.walk"
    if kind == "folder":
        path.mkdir()
    with pytest.raises(TuiBackpropError, match=r"a\.walk"):
        open_walk(path)


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """What was there is still there."""
    walked = recorded(opened("chain")[1])
    node = replace(
        walked.graph.nodes[-1],
        params={"key": object()},
        rule=opened("chain")[1].graph.nodes[-1].rule,
    )
    graph = replace(walked.graph, nodes=(*walked.graph.nodes[:-1], node))
    path = tmp_path / "a.walk"
    path.write_bytes(b"older")
    tape: RecordedTape = replace(walked.tape, graph=graph)
    with pytest.raises(TuiBackpropError, match="cannot be saved"):
        RecordedTrace(tape).save(path)
    assert path.read_bytes() == b"older"
