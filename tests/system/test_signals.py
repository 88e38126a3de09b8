"""A signal to a whole group of processes ends it as if there were one; no process is left, no exception is lost."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

import pytest

from rotelab.config.exits import interrupt
from rotelab.data import bad_images
from rotelab.data.streaming import ahead
from rotelab.system.signals import ENDING, leave_to_the_parent, put_off, waiting

SIGNALS = pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGUSR1: 138}


def note(folder: Path, name: str) -> None:
    (folder / name).write_text(str(os.getpid()))


def slow(number: int) -> int:
    """Images that are late: the parent waits for them."""
    time.sleep(0.02 if number < 4 else 0.3)
    return number


def waits(folder: Path) -> None:
    for number in ahead(slow, range(100), 2):
        if number == 3:
            note(folder, "ready")


def computes(folder: Path) -> None:
    values = ahead(abs, range(100), 2)  # named, as by Lightning, so that the traceback keeps it
    for _ in values:
        note(folder, "ready")
        time.sleep(30)


def is_patient(folder: Path) -> None:
    """Needs its workers until it is done, though they are told to end as well."""
    with waiting("it waits") as signals:
        signals.begin()
        for number in ahead(slow, range(8), 2):
            if number == 3:
                note(folder, "ready")
        note(folder, "done")


class Checking:
    """Instead of what decodes an image."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, place: Path) -> bool:
        note(self.folder, "ready")
        time.sleep(0.05)
        return False


def checks(folder: Path) -> None:
    with patch.multiple(bad_images, IMAGES_PER_PROCESS=1, _is_bad=Checking(folder)):
        bad_images.are_bad(list(map(Path, map(str, range(1000)))), folder, 2)


def begin(work: Callable[[Path], None], folder: Path) -> None:
    """``work`` in a group of its own, with the handlers of the command line."""
    os.setpgid(0, 0)
    os.dup2(os.open(folder / "err", os.O_WRONLY | os.O_CREAT), 2)
    for number in ENDING:
        signal.signal(number, interrupt)
    work(folder)


@pytest.fixture
def started(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[BaseProcess]:
    process = get_context("fork").Process(target=begin, args=(request.param, tmp_path))
    process.start()
    wait_for((tmp_path / "ready").exists)
    yield process
    with suppress(ProcessLookupError):
        os.killpg(group(process), signal.SIGKILL)


def group(process: BaseProcess) -> int:
    assert process.pid is not None
    return process.pid


def wait_for(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def nobody(number: int) -> bool:
    with suppress(ProcessLookupError):
        os.killpg(number, 0)
        return False
    return True


@SIGNALS
@pytest.mark.parametrize("started", [waits, computes, checks], ids=lambda work: work.__name__, indirect=True)
def test_a_signal_to_the_group(started: BaseProcess, number: signal.Signals, tmp_path: Path) -> None:
    os.killpg(group(started), number)
    started.join(20)  # torch waits for five seconds for one that does not hear
    assert started.exitcode == CODES[number]
    assert (tmp_path / "err").read_text() == ""
    wait_for(lambda: nobody(group(started)), 1)


@SIGNALS
@pytest.mark.parametrize("started", [is_patient], indirect=True)
def test_a_signal_that_waits(started: BaseProcess, number: signal.Signals, tmp_path: Path) -> None:
    os.killpg(group(started), number)
    started.join(20)
    assert started.exitcode == CODES[number]
    assert (tmp_path / "done").exists()
    wait_for(lambda: nobody(group(started)), 1)


@pytest.mark.parametrize("started", [is_patient], indirect=True)
def test_a_second_one_does_not_wait(started: BaseProcess, tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        os.killpg(group(started), number)
        time.sleep(0.05)
    started.join(20)
    assert started.exitcode == CODES[signal.SIGINT]
    assert not (tmp_path / "done").exists()
    wait_for(lambda: nobody(group(started)), 6)


def test_what_was_ignored_stays_ignored_and_none_is_lost_to_an_error() -> None:
    came: list[int] = []
    before = {each: signal.signal(each, lambda number, _: came.append(number)) for each in ENDING}
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with pytest.raises(ZeroDivisionError), waiting("") as signals:
            signals.begin()
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGUSR1)
            assert not came
            raise ZeroDivisionError
        assert came == [signal.SIGUSR1]
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def leaves_them(place: Path) -> bool:
    return signal.getsignal(signal.SIGINT) == signal.SIG_IGN and not signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_processes_that_check_images_leave_them_to_their_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bad_images, "_is_bad", leaves_them)
    assert bad_images.are_bad([Path("0"), Path("1")], Path(), 2) == [True, True]


def test_what_was_not_begun_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def end(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bad_images, "IMAGES_PER_PROCESS", 1)
    monkeypatch.setattr(bad_images, "_is_bad", Checking(tmp_path))
    monkeypatch.setattr(bad_images, "for_each", end)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        bad_images.are_bad(list(map(Path, map(str, range(400)))), tmp_path, 2)
    assert time.monotonic() - start < 5, "of ten seconds"


@SIGNALS
def test_put_off_until_the_end(number: signal.Signals) -> None:
    came: list[int] = []
    before = {each: signal.signal(each, lambda number, _: came.append(number)) for each in ENDING}
    try:
        with put_off():
            os.kill(os.getpid(), number)
            assert not came
        deadline = time.monotonic() + 5
        while not came and time.monotonic() < deadline:  # another thread may have been given it, a moment later
            time.sleep(0.01)
        assert came == [number]
        assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()) & set(ENDING)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def child(after: Callable[[], object]) -> int:
    """The exit code of a process that is sent all of the signals at its start, in which it puts them off."""
    with put_off():
        process = os.fork()
        if not process:
            for number in ENDING:
                os.kill(os.getpid(), number)
            after()
            os._exit(7)
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_a_process_that_helps_leaves_them_to_its_parent() -> None:
    assert child(lambda: None) == 7
    assert child(leave_to_the_parent) == 0, "by SIGTERM"
