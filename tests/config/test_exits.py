"""One line and an exit code for what went wrong, and nothing for what could not be printed."""

import errno
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pandas
import pytest
from matplotlib.figure import Figure

from rotelab.config.exits import Interrupted, Unfailing, exiting, interrupt, interruption
from rotelab.errors import InputError, RunError, is_out_of_memory
from rotelab.experiments import catalogue
from rotelab.experiments.experiment import Exact, Experiment
from rotelab.figures import style
from rotelab.report import claims, draw
from rotelab.results import describe


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (InputError("seed = -1"), 2, "seed = -1"),
        (RunError("the loss was nan"), 1, "the loss was nan"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "the disk of /results is full"),
        (OSError(errno.ENOSPC, "No space left on device", "/cache/x"), 1, "the disk of /cache/x is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/results/x"), 1, "/results/x: Permission denied"),
        (FileNotFoundError("/results: no finished run"), 1, "/results: no finished run"),
    ],
)
def test_an_error_is_a_line(error: Exception, code: int, line: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as end, exiting("/results"):
        raise error
    assert (end.value.code, capsys.readouterr().err) == (code, f"rotelab: {line}\n")


@pytest.mark.parametrize("error", [ValueError("not enough values to unpack"), KeyError("run")])
def test_a_fault_of_the_code_shows_where_it_is(error: Exception, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as end, exiting("/results"):
        raise error
    err = capsys.readouterr().err
    assert end.value.code == 1
    assert err.startswith("Traceback") and str(error) in err


@pytest.fixture
def heeded() -> Iterator[None]:
    """Ctrl-C as Python takes it: a shell lets what it starts in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
def test_ctrl_c_is_a_line_where_no_handler_is(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as end, exiting():
        signal.raise_signal(signal.SIGINT)
    assert (end.value.code, capsys.readouterr().err) == (130, "interrupted: the same command starts again\n")


@pytest.fixture
def closed() -> Iterator[Unfailing]:
    """A pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", buffering=1) as stream:
        yield Unfailing(stream)


def test_what_nobody_reads_is_dropped(closed: Unfailing) -> None:
    for _ in range(3):
        print("a line", file=closed, flush=True)
    closed.write("x" * 100_000)
    closed.flush()
    assert not closed.isatty()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_what_a_full_disk_can_not_take_is_dropped() -> None:
    with open("/dev/full", "w", buffering=1) as stream:
        print("a line", file=Unfailing(stream), flush=True)


def test_what_a_program_prints_at_its_end_does_not_fail_it(closed: Unfailing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", closed.stream)
    with exiting():
        print("a line")
    assert isinstance(sys.stdout, Unfailing)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried ..."), True),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 1 bytes."), True),
        (RuntimeError("Storage size calculation overflowed with sizes=[1]"), True),
        (RuntimeError("value cannot be converted to type float without overflow"), False),
        (RuntimeError("shapes cannot be multiplied"), False),
        (ValueError("can't allocate memory"), False),
    ],
)
def test_too_little_memory(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) == expected


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def table(*_: object) -> pandas.DataFrame:
    return pandas.DataFrame({"run": ["split-1"], "seed": [0], "dead_since": [float("nan")]})


PROGRAMS = {
    "claims": (claims.main, ["{}"], None),
    "an experiment of runs": (draw.main, ["fig1", "{}"], Experiment(lambda *_: Figure(), lambda *_: "seen")),
    "an exact one": (
        draw.main,
        ["expressivity", "--out", "{}"],
        Exact({"demo": 1}, table, str, lambda *_: Figure(), lambda _: "seen"),
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_full_disk_ends_a_program_with_a_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    main, arguments, experiment = PROGRAMS[name]
    monkeypatch.setattr(catalogue, "module", lambda _: SimpleNamespace(EXPERIMENT=experiment))
    monkeypatch.setattr(claims, "load", lambda *_: {"a work": {"fig1": table()}})
    monkeypatch.setattr(claims, "answered", lambda *_: {})
    monkeypatch.setattr(draw, "load_sweep", table)
    monkeypatch.setattr(describe, "sweep", lambda *_: "words")
    monkeypatch.setattr(claims, "write", full)
    monkeypatch.setattr(style, "save", full)
    monkeypatch.setattr(sys, "argv", ["program", *(word.format(tmp_path) for word in arguments)])
    with pytest.raises(SystemExit) as end:
        main()
    where = f"{tmp_path}/randomization_tests" if name == "an exact one" else tmp_path
    assert (end.value.code, capsys.readouterr().err) == (1, f"rotelab: the disk of {where} is full\n")


def test_a_signal_is_found_behind_what_a_clean_up_made_of_it() -> None:
    """As OmegaConf's does, which fails in the middle of a composition."""
    with pytest.raises(Interrupted) as end, exiting():
        try:
            try:
                interrupt(signal.SIGTERM, None)
            finally:
                {}["flags"]
        except KeyError as error:
            raise InputError("data.inputs.splits") from error
    assert end.value.code == 143
    assert interruption(ValueError()) is None and interruption(None) is None
    own = ValueError()
    own.__cause__ = own
    assert interruption(own) is None
