"""``tui-backprop replay`` without a screen: transcripts, assertions, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tui_backprop as tb
from tests.cli.support import DOUBLE, run, start, write
from tests.render.speech.alphabet import strangers
from tui_backprop.debug.replay.reader import LONGEST_WAIT, read
from tui_backprop.replays import Recording, load_replay
from tui_backprop.scenario.files import shipped_replays

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

HEADER = "# tui-backprop replay\nreplay: 1\nscenario: scenario.yaml\n\n"
SHIPPED = [path.stem for path in shipped_replays()]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_replay_holds_and_says_the_same_each_time(
    name: str, language: str, capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion
) -> None:
    """Byte for byte; every assertion of it is true, and its scenario is the one it knows."""
    words = ("replay", name, "--headless", "--fast", "--lang", language)
    first, again = run(capsys, *words), run(capsys, *words)
    assert (first.status, first.err) == (0, "")
    assert first == again
    assert first.out == snapshot


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_replay_can_be_spoken(
    name: str, language: str, capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion
) -> None:
    """Without a sign that a screen reader stumbles over, in both languages."""
    said = run(capsys, "replay", name, "--headless", "--fast", "--plain", "--lang", language)
    assert said.status == 0
    for line in said.out.splitlines()[1:]:
        assert strangers(line, language) == set()
    assert said.out == snapshot


ASKING = """\
break node Y
tbreak write X.grad[0]
watch X.grad[0]
break if X.grad[1] > 3
condition 1 v[0]-v[1] > 0
info breakpoints
display (Y - X)**2
info node
info node Y
info op multiply
info op softmax
goto 5
list
J
continue
where
why X.grad[0]
why zero X.grad[1]
J total
continue
disable 1
ignore 2 3
continue
health
print 1e-9-X[0]
origin nan
set X[0] = inf
origin inf
end
health
undo
redo
zeros
undisplay
delete
"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_the_debugger_answers_can_be_spoken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    """Whatever is asked; and a minus is one without spaces around it too."""
    write(tmp_path, DOUBLE)
    path = write(tmp_path, f"{HEADER}{ASKING}assert X[1]-X[2] == -1\n", "a")
    said = run(capsys, "replay", path, "--headless", "--fast", "--plain", "--lang", language)
    assert (said.status, said.err) == (0, "")
    for line in said.out.splitlines():
        assert strangers(line, language) == set(), line
    minus = {"en": "X at index 1 minus X at index 2", "zh": "X 的下标 1 处减 X 的下标 2 处"}
    assert minus[language] in said.out


def test_there_are_replays_in_both_languages() -> None:
    """Of the four that everybody starts with; nothing is said in one language only."""
    assert {"seed", "mazur", "fan-out", "nan-hunt"} <= set(SHIPPED)
    for name in SHIPPED:
        replay = load_replay(name)
        assert not replay.is_changed
        for line in replay.script.lines:
            text = getattr(line.act, "text", None) or getattr(line.act, "name", None)
            assert text is None or set(text) == {"en", "zh"}


def test_a_failed_assertion_says_what_was_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its line, what was expected, what is there; the others go on; the status is 1."""
    write(tmp_path, DOUBLE)
    path = write(tmp_path, f"{HEADER}end\nassert X.grad[1] == 5\nassert X.grad[0] == 2\n", "a")
    said = run(capsys, "replay", path, "--headless", "--fast")
    assert (said.status, said.err) == (1, "")
    assert "FAILED, line 6: expected X.grad[1] == 5, found X.grad[1] = 4" in said.out
    assert "ok: X.grad[0] == 2" in said.out
    assert said.out.endswith("1 of 2 assertions failed\n")


def test_a_scenario_is_told_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In one sentence, with the command that opens it."""
    said = run(capsys, "replay", write(tmp_path, DOUBLE), "--headless")
    assert said.status == 2
    (line,) = said.err.splitlines()
    assert "is a scenario and no replay" in line


def test_a_command_that_fails_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its line; what came before was said."""
    write(tmp_path, DOUBLE)
    path = write(tmp_path, f"{HEADER}step\nprint norm(Q)\nstep\n", "a")
    said = run(capsys, "replay", path, "--headless", "--fast")
    assert said.status == 2
    assert "> step" in said.out
    message, line, caret = said.err.splitlines()
    assert f"{path}:6: " in message
    assert caret.index("^") == line.index("Q")


def test_its_place_is_joined_as_everything_else_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A place keeps its own colons; in Chinese a full-width one stands behind it."""
    path = write(tmp_path, HEADER + "goto nowhere\n", "a.replay")
    write(tmp_path, DOUBLE)
    english, chinese = (
        run(capsys, "replay", str(path), "--headless", "--lang", code).err for code in ("en", "zh")
    )
    assert f"{path}:5: there is no 'nowhere'" in english
    assert f"{path}:5：没有 “nowhere”" in chinese


def test_another_scenario_than_was_recorded_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """First of all; then what still makes sense is played."""
    scenario, path = write(tmp_path, DOUBLE), tmp_path / "walk.replay"
    assert run(capsys, scenario, "--batch", "--record", path, "-e", "step").status == 0
    write(tmp_path, DOUBLE.replace("2 * X", "3 * X"))
    said = run(capsys, "replay", path, "--headless", "--fast")
    assert said.status == 0
    assert "another file than the one that was recorded" in said.out
    assert "> step" in said.out


@pytest.mark.parametrize("named", ["../other.yaml", "/etc/passwd", "sub/../../other.yaml"])
def test_a_scenario_outside_the_folder_is_not_read(
    named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever wants it names it himself."""
    inside = tmp_path / "inside"
    inside.mkdir()
    other = write(tmp_path, DOUBLE, "other.yaml")
    path = write(inside, f"replay: 1\nscenario: {named}\n\nstep\n", "a.replay")
    said = run(capsys, "replay", path, "--headless", "--fast")
    assert said.status == 2
    assert "outside the replay's folder" in said.err
    assert "--scenario" in said.err
    allowed = run(capsys, "replay", path, "--headless", "--fast", "--scenario", other)
    assert allowed.status == 0


def test_a_link_out_of_the_folder_is_outside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What counts is where the file lies."""
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "scenario.yaml").symlink_to(write(tmp_path, DOUBLE, "other.yaml"))
    path = write(inside, f"{HEADER}step\n", "a.replay")
    assert run(capsys, "replay", path, "--headless", "--fast").status == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"replay: 1\n",
        b"replay: 1\nscenario: nobody\n\nstep\n",
        b"\0",
        b"replay:" + b" " * 10**6 + b"1\v2\n",
        b"r" * 10**6 + b"\n",
        b"replay: 1\nscenario: " + b"a " * 5 * 10**5,
    ],
    ids=lambda content: content[:12],
)
def test_what_is_no_replay_is_an_error(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One block, status 2, no traceback."""
    said = run(capsys, "replay", write(tmp_path, content, "a.replay"), "--headless", "--fast")
    assert (said.status, said.out) == (2, "")
    assert "Traceback" not in said.err


def test_nothing_that_a_replay_says_reaches_the_terminal_raw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No escape sequence, from narration, from a chapter or from what is wrong."""
    write(tmp_path, DOUBLE)
    good = f'{HEADER}say "a\x1b[31mb"\nmark "c\x1b]0;d\x07"\n'
    said = run(capsys, "replay", write(tmp_path, good, "a"), "--headless", "--fast")
    bad = run(capsys, "replay", write(tmp_path, f"{HEADER}\x1b[2Jx\n", "b"), "--headless")
    assert said.status == 0
    assert "\x1b" not in said.out + bad.err


def test_a_file_that_is_no_replay_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor renamed."""
    scenario, path = write(tmp_path, DOUBLE), write(tmp_path, "my thesis", "walk.replay")
    said = run(capsys, scenario, "--batch", "--record", path, "-e", "step")
    assert said.status == 2
    assert path.read_text() == "my thesis"
    path.unlink()
    for _ in range(2):
        assert run(capsys, scenario, "--batch", "--record", path, "-e", "step").status == 0


def test_waits_are_kept_unless_in_a_hurry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wait, and the time in front of a line."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    write(tmp_path, DOUBLE)
    path = write(tmp_path, f"{HEADER}wait 5\n@70 step\n", "a")
    assert run(capsys, "replay", path, "--headless", "--fast").status == 0
    assert slept == []
    assert run(capsys, "replay", path, "--headless").status == 0
    assert slept[0] == 5
    assert 60 < slept[1] <= 70
    path = write(tmp_path, f"{HEADER}@999999999 step\n", "b")
    assert run(capsys, "replay", path, "--headless").status == 0
    assert slept[2:] == [LONGEST_WAIT]


def test_without_a_terminal_the_other_way_is_named() -> None:
    """No screen, no traceback."""
    said = start("replay", "seed")
    assert said.returncode == 2
    assert b"--headless" in said.stderr


@pytest.mark.parametrize("begins", ["", "\n", " " * 30 + "\n"])
def test_recording_overwrites_nothing(
    begins: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scenario whose first line is blank is not lost; an empty file is nothing."""
    scenario = write(tmp_path, begins + DOUBLE)
    said = run(capsys, scenario, "--batch", "--record", scenario, "-e", "step")
    assert said.status == 2
    assert scenario.read_text() == begins + DOUBLE
    path = write(tmp_path, "", "walk.replay")
    for _ in range(2):
        assert run(capsys, scenario, "--batch", "--record", path, "-e", "step").status == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are Unix's")
def test_a_pipe_is_no_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody waits for what nobody writes, neither to play nor to record."""
    pipe = tmp_path / "pipe.replay"
    os.mkfifo(pipe)
    assert run(capsys, "replay", pipe, "--headless").status == 2
    scenario = write(tmp_path, DOUBLE)
    assert run(capsys, scenario, "--batch", "--record", pipe, "-e", "step").status == 2


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/tty"])
def test_a_device_is_no_replay(
    device: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has no end, or nobody's; it is neither read nor written."""
    if not Path(device).exists():
        pytest.skip(f"there is no {device} here")
    assert run(capsys, "replay", device, "--headless", "--fast").status == 2
    scenario = write(tmp_path, DOUBLE)
    assert run(capsys, scenario, "--batch", "--record", device, "-e", "step").status == 2


@pytest.mark.skipif(os.name != "posix", reason="a limit that a Unix shell sets")
def test_a_header_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """The disk is full at once: an error, and no walk that seems to be recorded."""
    scenario, path = write(tmp_path, DOUBLE), tmp_path / "walk.replay"
    words = [sys.executable, "-m", "tui_backprop", scenario, "--batch", "--record", path]
    said = subprocess.run(
        ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *map(str, words), "-e", "step"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert said.returncode == 2
    assert str(path).encode() in said.stderr
    assert b"Traceback" not in said.stderr


def test_more_lines_than_the_limit_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those that do something; who wants more says so."""
    write(tmp_path, DOUBLE)
    path = write(tmp_path, f"{HEADER}# start\nstep\n\nstep\nstep\n", "a")
    words = ("replay", path, "--headless", "--fast", "--limit")
    said = run(capsys, *words, "replay_lines=2")
    assert said.status == 2
    assert "replay_lines" in said.err
    assert run(capsys, *words, "replay_lines=3").status == 0


@pytest.mark.parametrize("named", ["a\0b.yaml", "loop.yaml"])
def test_a_scenario_that_cannot_be_found_is_said(
    named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No error of the program itself."""
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    path = write(tmp_path, f"replay: 1\nscenario: {named}\n\nstep\n", "a.replay")
    assert run(capsys, "replay", path, "--headless").status == 2


@pytest.mark.parametrize("name", ["fan-out", "noext", "deep/noext", "scenario.yaml"])
def test_what_was_recorded_beside_its_scenario_finds_it(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without an ending too, and though a shipped scenario is called the same."""
    (tmp_path / "deep").mkdir()
    scenario, path = write(tmp_path, DOUBLE, name), tmp_path / "walk.replay"
    assert run(capsys, scenario, "--batch", "--record", path, "-e", "step").err == ""
    said = run(capsys, "replay", path, "--headless", "--fast")
    assert (said.status, said.err) == (0, "")
    assert load_replay(path).scenario.path == scenario


def test_who_records_elsewhere_is_told_what_playing_needs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The very option."""
    scenario, other = write(tmp_path, DOUBLE), tmp_path / "other"
    other.mkdir()
    path = other / "walk.replay"
    said = run(capsys, scenario, "--batch", "--record", path, "-e", "step")
    assert f"--scenario {scenario}" in said.err
    assert run(capsys, "replay", path, "--headless", "--fast").status == 2
    words = ("replay", path, "--headless", "--fast", "--scenario", scenario)
    assert run(capsys, *words).status == 0


def test_a_scenario_beside_it_needs_no_ending(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``scenario: net2`` is the file net2.yaml in the replay's folder, unless one is shipped."""
    write(tmp_path, DOUBLE, "net2.yaml")
    replay = tmp_path / "walk.replay"
    replay.write_text(HEADER.replace("scenario.yaml", "net2") + "step\n", encoding="utf-8")
    assert run(capsys, "replay", replay, "--headless", "--fast").status == 0
    replay.write_text(HEADER.replace("scenario.yaml", "net3") + "step\n", encoding="utf-8")
    said = run(capsys, "replay", replay, "--headless", "--fast")
    assert said.status == 2
    assert "there is no shipped scenario 'net3', and no net3.yaml beside this file" in said.err


def test_an_earlier_recording_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Under another name, which is said; never one that is taken."""
    scenario, path = write(tmp_path, DOUBLE), tmp_path / "walk.replay"
    written = []
    for line in ("step", "next", "finish"):
        said = run(capsys, scenario, "--batch", "--record", path, "-e", line)
        assert said.status == 0
        written.append(path.read_bytes())
        kept = tmp_path / f"walk.replay.{len(written) - 1}~"
        assert (str(kept) in said.err) == (len(written) > 1)
    assert (tmp_path / "walk.replay.1~").read_bytes() == written[0]
    assert (tmp_path / "walk.replay.2~").read_bytes() == written[1]
    assert len({*written}) == 3
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.skipif(os.name != "posix", reason="locks are Unix's")
def test_two_recordings_do_not_share_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second is refused while the first is written."""
    scenario, path = write(tmp_path, DOUBLE), tmp_path / "walk.replay"
    first = Recording(path, tb.load(scenario))
    before = path.read_bytes()
    said = run(capsys, scenario, "--batch", "--record", path, "-e", "step")
    assert said.status == 2
    assert "another recording" in said.err
    assert path.read_bytes() == before
    first.close()
    assert run(capsys, scenario, "--batch", "--record", path, "-e", "step").status == 0


ODD = (" begins.yaml", "ends ", "ends\n", "a\nb.yaml", "a\rb", "tab\t.yaml", '"quoted"', '"',
       "\u2028.yaml", "\\n.yaml", "#x.yaml", "a: b.yaml", "@1 step", "\udcff.yaml", "\x85",
       "中文.yaml")  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_any_name_of_a_scenario_can_be_recorded(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the recording is played."""
    try:
        scenario = write(tmp_path, DOUBLE, name)
    except (OSError, ValueError):
        pytest.skip("no file can have this name here")
    path = tmp_path / "walk.replay"
    assert run(capsys, scenario, "--batch", "--record", path, "-e", "step").status == 0
    assert load_replay(path).scenario.path == scenario.resolve()
    said = run(capsys, "replay", path, "--headless", "--fast")
    assert (said.status, said.err) == (0, "")


def test_names_of_earlier_versions_are_read() -> None:
    """Quotes that stand for themselves."""
    for name in ('a"b.yaml', '"a".yaml', '"', '"a" "b"', './"a"'):
        assert read(f"replay: 1\nscenario: {name}\n\n").scenario == name


@pytest.mark.skipif(os.name != "posix", reason="a limit that a Unix shell sets")
def test_a_disk_that_fills_is_told_by_the_status(tmp_path: Path) -> None:
    """The answers were printed; the recording has less than was done, and says so."""
    scenario, path = write(tmp_path, DOUBLE), tmp_path / "walk.replay"
    words = [sys.executable, "-m", "tui_backprop", scenario, "--batch", "--record", path]
    steps = [word for _ in range(200) for word in ("-e", "print X.grad")]
    said = subprocess.run(
        ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *map(str, words), *steps],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert said.returncode == 2
    assert said.stderr.count(b"the recording ends here") == 1
    assert said.stdout.count(b"X.grad") == 200
    assert load_replay(path).script.lines


def test_a_recording_of_many_numbers_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As many as a leaf may have, in one line."""
    zeros = "[" + "0, " * 5999 + "0]"
    text = DOUBLE.replace("[1, 2, 3]", "{shape: [6000], fill: 1}").partition("expect")[0]
    scenario, path = write(tmp_path, text), tmp_path / "walk.replay"
    words = (scenario, "--batch", "--record", path, "-e", f"set X = {zeros}")
    assert run(capsys, *words).status == 0
    assert run(capsys, "replay", path, "--headless", "--fast").status == 0


def test_a_file_of_commands_is_recorded_as_what_it_did(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With everything that save keeps; the recording needs no file but the scenario."""
    scenario, path, kept = write(tmp_path, DOUBLE), tmp_path / "walk.replay", tmp_path / "kept"
    lines = ("zeros", "step 9", "set X = X / 3", "break", "continue", "restart", "end", "display v")
    before = [word for line in (*lines, f"save {kept}") for word in ("-e", line)]
    assert run(capsys, scenario, "--batch", *before).status == 0
    run(capsys, scenario, "--batch", "--record", path, "-x", kept, "-e", "info")
    kept.unlink()
    said = run(capsys, "replay", path, "--headless", "--fast")
    assert (said.status, said.err) == (0, "")
    assert "breakpoint" in said.out


@pytest.mark.parametrize(
    ("scenario", "line"),
    [
        ("train.py", "step"),
        ("scenario.yaml", "run train.py"),
        ("scenario.yaml", "!touch ran"),
        ("scenario.yaml", "shell touch ran"),
        ("scenario.yaml", "python train.py"),
        ("scenario.yaml", "open train.py"),
        ("scenario.yaml", "source train.py"),
        ("scenario.yaml", "compare train.py"),
    ],
)
def test_a_replay_cannot_start_a_program(
    scenario: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever its header names and its lines ask for."""
    (tmp_path / "scenario.yaml").write_text(DOUBLE)
    (tmp_path / "train.py").write_text(
        "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\n"
    )
    file = tmp_path / "a.replay"
    file.write_text(HEADER.replace("scenario.yaml", scenario) + f"{line}\n")
    found = run(capsys, "replay", str(file), "--headless", "--fast")
    assert found.status != 0
    assert found.err
    assert not (tmp_path / "ran").exists()
