"""The time that an audit takes."""

import time

import pytest

from rotelab.audit.progress import Progress


def test_what_is_lost_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    progress = Progress(600, 5.0)
    with progress.uncounted_if_stopped():
        now[0] += 10
    assert progress.spent == 15
    with pytest.raises(KeyboardInterrupt), progress.uncounted_if_stopped():
        now[0] += 20
        raise KeyboardInterrupt
    assert progress.spent == 15
