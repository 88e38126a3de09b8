"""Kills a sweep, which keeps checkpoints, at random moments, and starts it again, until it is done.

PYTHONPATH=tests python tests/killing.py FOLDER KILLS SEED

counts the kills by what they hit, and compares the tables with those of sweeps that were left alone.
"""

import mmap
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import command
import pandas
from command import FORKS, TINY, run

from rotelab import load_sweep
from rotelab.results import checkpoints, files, record

OPTIONS = ("--multirun", "name=sweep", "trainer.threads=1", "model.softmax=false", "data.batch_order=reshuffled")
SLOW = "optimizer.lr=1e-5"
"""Eq. (1) without a softmax says, once a process, when it diverges; so slowly it does not, in a thousand epochs."""
TO_THE_END = ("stop.train_accuracy=null", "stop.dead_epochs=null", "objective=standard,split", "seed=0,1")
KINDS = {"plain": "model.dropout=0.3", "stack": "trainer.together=2"}


def sweeps(epochs: int, *more: str) -> dict[str, tuple[str, ...]]:
    return {kind: (*OPTIONS, SLOW, *TO_THE_END, f"stop.max_epochs={epochs}", *more, of) for kind, of in KINDS.items()}


SHORT = sweeps(120, *TINY[:3])
LONG = sweeps(240, *TINY[:3])
"""Each of their runs takes five seconds of a core, and minutes where others need it too."""

START_UP, TRAINING, CHECKPOINT, RESULT = PHASES = ("start-up", "training", "writing a checkpoint", "writing a result")
KILLS_IN_A_SWEEP = 50
LONGEST = 8.0
"""Seconds of training, at most, before a kill."""


def table(folder: Path) -> pandas.DataFrame:
    return load_sweep(folder / "sweep").sort_values(["run", "epoch", "metric", "split"], ignore_index=True)


def watched(arguments: Sequence[str], streams: Sequence[Path], phase: Path) -> None:
    """The sweep, in this process, which notes in a file, that outlives it, in which of the phases it is."""
    from rotelab.training.checkpoint import Checkpoints

    with phase.open("r+b") as file:
        noted = mmap.mmap(file.fileno(), 1)

    def within(of: Any, name: str, during: str | None, after: str) -> None:
        function: Callable = getattr(of, name)

        def noting(*arguments: Any, **options: Any) -> Any:
            if during:
                noted[0] = PHASES.index(during)
            found = function(*arguments, **options)
            noted[0] = PHASES.index(after)
            return found

        setattr(of, name, noting)

    within(Checkpoints, "on_train_start", None, TRAINING)
    within(checkpoints, "write", CHECKPOINT, TRAINING)
    within(record, "write_results", RESULT, START_UP)
    command._main("rotelab.train", arguments, streams, dict(os.environ))


def killed(
    sweep: Sequence[str],
    folder: Path,
    draw: random.Random,
    kills: int,
    longest: float,
    signals: Sequence[int] = (signal.SIGKILL,),
) -> Iterator[str]:
    """In which phases it was killed: at most so many times, each within so many seconds of training; a third of them in
    the first two after a start, and every other time that it begins to write results. Then it is let go to its end."""
    finished: set[Path] = set()
    gone_on: dict[Path, int] = {}
    folder.mkdir(parents=True)
    phase, said = folder / "phase", folder / "said"
    for _ in range(kills):
        phase.write_bytes(b"\0")
        said.write_bytes(b"")
        arguments = (*sweep, f"trainer.checkpoint_minutes={draw.choice(['1e-4', '1e-4', '0.02'])}", f"results={folder}")
        process = FORKS.Process(target=watched, args=(arguments, [Path(os.devnull), said], phase))
        process.start()
        wait(process.is_alive, phase, longest, draw)
        if process.is_alive():
            assert process.pid is not None
            number = draw.choice(signals)
            os.kill(process.pid, number)
            process.join(60)
            assert process.exitcode in (0, -number, 128 + number), process.exitcode
        assert "anew" not in said.read_text(), "a checkpoint was of no use"
        there = {path for path in folder.glob(f"sweep/*/{files.RESULT}")}
        assert finished <= there, "what has finished is lost"
        epochs = {path: epoch for path in folder.glob("sweep/*") if (epoch := checkpoints.epoch(path)) is not None}
        assert all(epochs.get(path, epoch) >= epoch for path, epoch in gone_on.items()), "a checkpoint is lost"
        finished, gone_on = there, epochs
        if process.exitcode == 0:
            break
        yield seen(phase)
    code, _, err = run(*sweep, f"results={folder}", seconds=3600)
    assert (code, err) == (0, "")
    assert not list(folder.rglob("*.partial")) and not list(folder.rglob(files.CHECKPOINT))


def wait(alive: Callable[[], bool], phase: Path, longest: float, draw: random.Random) -> None:
    """For a moment in the first two seconds, or of training, or of the writing of results; or until it ends."""
    in_quick_succession = draw.random() < 1 / 3
    end = time.monotonic() + (draw.uniform(0.1, 2.0) if in_quick_succession else 600.0)
    before, trains = START_UP, False
    while (now := time.monotonic()) < end and alive():
        at = seen(phase)
        if at == TRAINING and not (trains or in_quick_succession):
            trains, end = True, now + draw.uniform(0.0, longest)
        if at == RESULT != before and draw.random() < 0.5:
            end = min(end, now + draw.uniform(0.0, 0.01))
        before = at
        time.sleep(0.002)


def seen(phase: Path) -> str:
    return PHASES[phase.read_bytes()[0]]


def main() -> None:
    folder, kills, draw = Path(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))
    found: Counter[str] = Counter()
    expected = {}
    for kind, sweep in LONG.items():
        start = time.monotonic()
        assert run(*sweep, f"results={folder / kind}", seconds=3600)[0] == 0
        expected[kind] = table(folder / kind)
        print(f"{kind}, left alone: {time.monotonic() - start:.0f} seconds", flush=True)
    for number in count():
        kind = list(LONG)[number % len(LONG)]
        at, left = folder / f"{kind}{number}", kills - found.total()
        if not left:
            return
        for hit in killed(LONG[kind], at, draw, min(left, KILLS_IN_A_SWEEP), LONGEST):
            found[f"{kind}, {hit}"] += 1
            print(f"{found.total()} kills: {dict(found)}", flush=True)
        pandas.testing.assert_frame_equal(table(at), expected[kind], check_exact=True)
        print(f"{number + 1} sweeps: their tables are those of the ones that were left alone", flush=True)


if __name__ == "__main__":
    main()
