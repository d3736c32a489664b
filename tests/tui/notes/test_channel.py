"""The socket: the user's alone, one that was left is replaced, and nothing else is touched."""

from __future__ import annotations

import os
import socket
import stat
from typing import TYPE_CHECKING

import pytest

from tui_backprop.tui.notes import channel
from tui_backprop.tui.notes.channel import ChannelError, listening, presented

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not channel.is_possible(), reason="no Unix sockets here")


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Short enough for the path of a socket."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="tb") as name:
        yield Path(name) / "run" / "tb"


def test_the_folder_is_the_users_alone(folder: Path) -> None:
    """Made with the mode that nobody else can enter, whatever the umask."""
    before = os.umask(0)
    try:
        found, path = listening(folder)
    finally:
        os.umask(before)
    with found:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert presented(folder) == path


def test_a_folder_of_ours_that_others_could_enter_is_closed(folder: Path) -> None:
    """It is ours: it is put right."""
    folder.mkdir(0o700, parents=True)
    folder.chmod(0o777)
    found, _ = listening(folder)
    found.close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_was_left_behind_is_replaced(folder: Path) -> None:
    """A killed app's socket answers nobody."""
    found, path = listening(folder)
    found.close()
    assert path.exists()
    again, _ = listening(folder)
    with again, socket.socket(socket.AF_UNIX) as asked:
        asked.connect(str(path))


def test_who_presents_already_is_not_replaced(folder: Path) -> None:
    """The second is told so, and the first still listens."""
    found, path = listening(folder)
    with found, pytest.raises(ChannelError, match="presents already"):
        listening(folder)
    assert path.exists()


def test_what_is_no_socket_is_left_as_it_is(folder: Path) -> None:
    """A file, a folder, a link to elsewhere: for both sides."""
    folder.mkdir(0o700, parents=True)
    path = folder / "notes.socket"
    path.write_text("somebody's")
    for asked in (listening, presented):
        with pytest.raises(ChannelError, match="no socket of yours"):
            asked(folder)
    assert path.read_text() == "somebody's"
    path.unlink()
    path.symlink_to("/nowhere")
    with pytest.raises(ChannelError, match="no socket of yours"):
        listening(folder)
    assert path.is_symlink()


def test_somebody_elses_socket_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever owns it could read or tell what is not theirs."""
    found, path = listening(folder)
    found.close()
    owner = os.geteuid()
    lstat = type(path).lstat

    def foreign(self: Path) -> os.stat_result:
        status = lstat(self)
        if self == path:
            return os.stat_result((*status[:4], owner + 1, *status[5:10]))
        return status

    monkeypatch.setattr(type(path), "lstat", foreign)
    for asked in (listening, presented):
        with pytest.raises(ChannelError, match="no socket of yours"):
            asked(folder)


def test_a_folder_that_others_could_swap_is_refused(folder: Path) -> None:
    """The folder above may not be writable by others, unless names in it are kept."""
    folder.parent.mkdir(parents=True)
    folder.parent.chmod(0o777)
    with pytest.raises(ChannelError, match="not yours alone"):
        listening(folder)
    folder.parent.chmod(0o1777)
    listening(folder)[0].close()
    elsewhere = folder.parent / "elsewhere"
    elsewhere.symlink_to(folder)
    with pytest.raises(ChannelError, match="not yours alone"):
        presented(elsewhere)


def test_what_the_system_refuses_is_a_sentence(tmp_path: Path) -> None:
    """A path that is too long for a socket, a folder under a file."""
    tmp_path.chmod(0o700)
    with pytest.raises(ChannelError, match="too long"):
        listening(tmp_path / ("x" * 120))
    (tmp_path / "file").write_text("")
    with pytest.raises(ChannelError, match="file"):
        listening(tmp_path / "file" / "below")


def test_without_unix_sockets_it_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On both sides, and nothing is made."""
    monkeypatch.setattr(channel, "is_possible", lambda: False)
    for asked in (listening, presented):
        with pytest.raises(ChannelError, match="Unix sockets"):
            asked(folder)
    assert not folder.exists()


def test_nobody_presents(folder: Path) -> None:
    """No folder, or nothing in it."""
    assert presented(folder) is None
    folder.mkdir(0o700, parents=True)
    assert presented(folder) is None
