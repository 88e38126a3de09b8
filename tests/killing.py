"""Kills a small sweep, which keeps checkpoints all the time, at random moments, and starts it again, until it is done.

PYTHONPATH=tests python tests/killing.py FOLDER SECONDS
"""

import random
import signal
import sys
import time
from pathlib import Path

import pandas
from command import TINY, begin, run

from rotelab import load_sweep
from rotelab.results import files

OPTIONS = ("--multirun", "name=sweep", *TINY, "model.softmax=false", "data.batch_order=reshuffled")
TO_THE_END = ("stop.train_accuracy=null", "stop.dead_epochs=null", "stop.max_epochs=120")
SWEEP = (*OPTIONS, *TO_THE_END, "objective=standard,split", "seed=0,1")
STACKED = (*SWEEP, "trainer.together=2")
ALONE = (*SWEEP, "model.dropout=0.3")
CODES = {signal.SIGTERM: 143, signal.SIGKILL: -9}


def table(folder: Path) -> pandas.DataFrame:
    return load_sweep(folder / "sweep").sort_values(["run", "epoch", "metric", "split"], ignore_index=True)


def killed(sweep: tuple[str, ...], folder: Path, draw: random.Random, kills: int, longest: float) -> int:
    """How often it was killed: at most so many times, each within so many seconds; then it is let go to its end."""
    finished: set[Path] = set()
    done = 0
    while done < kills:
        process = begin((*sweep, "trainer.checkpoint_minutes=0.0001", f"results={folder}"), [Path("/dev/null")] * 2)
        process.join(draw.uniform(0.3, longest))
        if not process.is_alive():
            break
        number = draw.choice([signal.SIGTERM, signal.SIGKILL])
        process.terminate() if number == signal.SIGTERM else process.kill()
        process.join(60)
        assert process.exitcode in (0, CODES[number]), process.exitcode
        done += process.exitcode != 0
        there = {path for path in folder.glob(f"sweep/*/{files.RESULT}")}
        assert finished <= there, "what has finished is lost"
        finished = there
    code, _, err = run(*sweep, f"results={folder}")
    assert (code, [line for line in err.splitlines() if "one class is predicted" not in line]) == (0, []), err
    assert not list(folder.rglob("*.partial")) and not list(folder.rglob(files.CHECKPOINT))
    return done


def main() -> None:
    folder, seconds, total, rounds = Path(sys.argv[1]), float(sys.argv[2]), 0, 0
    end, draw = time.monotonic() + seconds, random.Random(0)
    expected = {}
    for sweep in (STACKED, ALONE):
        assert run(*sweep, f"results={folder / f'alone{len(expected)}'}")[0] == 0
        expected[sweep] = table(folder / f"alone{len(expected)}")
    while time.monotonic() < end:
        for sweep, of in expected.items():
            total += killed(sweep, folder / str(rounds), draw, 12, 2.5)
            pandas.testing.assert_frame_equal(table(folder / str(rounds)), of, check_exact=True)
            rounds += 1
            print(f"{total} kills in {rounds} sweeps", flush=True)


if __name__ == "__main__":
    main()
