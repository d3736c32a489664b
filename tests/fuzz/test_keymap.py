"""The configuration: whatever it holds, each command can be reached and what is wrong is said."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given

from tests.fuzz.effort import effort
from tests.fuzz.settings import configurations
from tui_backprop.tui.keymap import DEFAULTS, load_keymap


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file stands there."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))


@effort(1)
@given(configurations())
def test_any_configuration_gives_keys(raw: bytes) -> None:
    """No key means two commands, no command loses its keys, and complaints are few and short."""
    path = Path("config.toml")
    path.write_bytes(raw)
    keymap = load_keymap(path)
    assert set(keymap.keys) == set(DEFAULTS)
    assert all(keys for name, keys in keymap.keys.items() if DEFAULTS[name])
    counted = Counter(key for keys in keymap.keys.values() for key in keys)
    assert not [key for key, count in counted.items() if count > 1]
    changed = {name for name, keys in keymap.keys.items() if keys != DEFAULTS[name]}
    assert changed == set(keymap.changed)
    assert len(keymap.problems) <= 21
    assert all(said and said.isprintable() and len(said) < 600 for said in keymap.problems)
