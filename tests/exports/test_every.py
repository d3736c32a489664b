"""Every shipped scenario in every format, in a time that one waits for."""

from __future__ import annotations

from time import process_time

import pytest

import tui_backprop as tb
from tests.exports.support import subject_of
from tests.exports.test_scripts import REFUSED
from tui_backprop.errors import TuiBackpropError
from tui_backprop.scenario.files import shipped
from tui_backprop.tui.exporting.formats import EXPORTS

_SECONDS = 20
"""Far more than any takes: what never ends is found."""


@pytest.mark.whole
@pytest.mark.few(6)
@pytest.mark.parametrize("form", [name for name, form in EXPORTS.items() if not form.needs_replay])
@pytest.mark.parametrize("name", [path.stem for path in shipped()])
def test_a_shipped_scenario_is_written_or_refused_with_a_reason(name: str, form: str) -> None:
    """What is refused stands in the table of the scripts."""
    started = process_time()
    subject = subject_of(tb.load(name))
    if (form, name) in REFUSED:
        with pytest.raises(TuiBackpropError):
            list(EXPORTS[form].write(subject))
    else:
        assert sum(map(len, EXPORTS[form].write(subject))) > 0
    assert process_time() - started < _SECONDS
