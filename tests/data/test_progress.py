"""How far the reading of images is: a bar on a terminal, lines in a log."""

import pytest

from rotelab.data.progress import for_each
from rotelab.system import screen


def test_every_item_in_order_and_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    seen: list[int] = []
    for_each(seen.append, iter(range(5)), 5, "decoding")
    assert (seen, capsys.readouterr().out) == ([0, 1, 2, 3, 4], "")
    monkeypatch.setattr(screen, "LOGGED", 0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    for_each(seen.append, range(2), 2000, "decoding")
    assert capsys.readouterr().out == "decoding: 0 of 2,000 images\ndecoding: 1 of 2,000 images\n"


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr(screen, "REDRAWN", 0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(ZeroDivisionError):
        for_each(lambda number: 1 / (2 - number), range(4), 4, "decoding")
    drawn = capsys.readouterr().out
    assert "decoding" in drawn
    assert "2/4" in drawn
    assert drawn.rindex("\x1b[?25h") > drawn.rindex("2/4"), "the cursor is shown again"


def test_lines_on_a_terminal_that_can_not_be_drawn_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr(screen, "LOGGED", 0.0)
    monkeypatch.setenv("TERM", "dumb")
    for_each(str, range(1), 1, "decoding")
    assert capsys.readouterr().out == "decoding: 0 of 1 images\n"


def test_no_output_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", None)  # of a process that was started with it closed
    for_each(str, range(1), 1, "decoding")
