"""What files are called: as little of a path as means it alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_backprop.graph.file_names import meant, path_in, shortest

paths = st.lists(st.sampled_from(["a", "b", "src", "model.py"]), min_size=1, max_size=4).map(
    "/".join
)


@given(st.lists(paths, min_size=1, max_size=6, unique=True))
def test_the_shortest_name_and_every_longer_one_mean_the_file(known: list[str]) -> None:
    """And no shorter one does."""
    for path in known:
        short = shortest(path, known)
        assert meant(short, known) == [path]
        parts = path.split("/")
        count = short.count("/") + 1
        for more in range(count, len(parts) + 1):
            tail = "/".join(parts[-more:])
            assert path in meant(tail, known)
            assert meant(tail, known) == [path] or tail in known
        for less in range(1, count):
            assert meant("/".join(parts[-less:]), known) != [path]


@given(st.lists(paths, unique=True), paths)
def test_what_is_meant_ends_in_the_word(known: list[str], word: str) -> None:
    """In whole parts of a path."""
    for path in meant(word, known):
        assert path.split("/")[-len(word.split("/")) :] == word.split("/")


@pytest.mark.parametrize(
    ("folder", "file", "path"),
    [
        ("/home/jane", "/home/jane/src/model.py", "src/model.py"),
        ("/home/jane", "/opt/model.py", "/opt/model.py"), ("/home/jane", "model.py", "model.py"),
        ("/home/jane", "./src/../model.py", "model.py"), ("/", "/a b/c d.py", "a_b/c_d.py"),
        (None, "/opt/model.py", "/opt/model.py"), ("/home", "<stdin>", "<stdin>"),
        ("/home/jane", "/home/janet/model.py", "/home/janet/model.py"),
    ],
)  # fmt: skip
def test_paths_are_those_from_the_folder(folder: str | None, file: str, path: str) -> None:
    """Of a file that is below it."""
    assert path_in(None if folder is None else Path(folder), file) == path


def test_a_whole_path_means_no_other() -> None:
    """That ends in the same."""
    assert meant("/a/model.py", ["x/a/model.py", "model.py"]) == []
    assert meant("odel.py", ["model.py"]) == []
    assert meant("", ["model.py"]) == []
