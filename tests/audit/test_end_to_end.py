"""An audit from the command to the page, on the digits and on a folder with planted faults."""

import csv
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy
import pytest
from PIL import Image
from reporting import HOSTILE
from sklearn.datasets import load_digits

pytestmark = pytest.mark.slow


def command(images: Path | str, out: Path, minutes: float, results: Path) -> list[str]:
    given = ["--minutes", str(minutes), "--out", str(out), f"results={results}", "trainer.accelerator=cpu"]
    return [sys.executable, "-m", "rotelab", "audit", str(images), *given]


def rows(page: Path) -> list[dict[str, str]]:
    with page.with_suffix(".csv").open(newline="") as file:
        return list(csv.DictReader(file))


def faulty(folder: Path) -> Path:
    """Digits as images, of which one class has a hostile name: ten wrong labels, five copies across the parts, an empty
    class, one that a part lacks, a broken file, a GIF."""
    digits = load_digits()
    names = ["zero", HOSTILE.replace("/", "-"), "two", "three"]
    chosen = [number for number in range(len(digits.target)) if digits.target[number] < 4]
    for at, number in enumerate(chosen):
        label = int(digits.target[number])
        if at < 10:
            label = (label + 1) % 4
        part = "test" if at % 5 == 4 else "train"
        if part == "test" and label == 3:
            continue
        place = folder / part / names[label]
        place.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray((digits.images[number] * 15.9).astype(numpy.uint8)).resize((24, 24))
        image.save(place / f"{at:04}.png")
        if 10 <= at < 60 and at % 10 == 0:
            (folder / "test" / names[label]).mkdir(parents=True, exist_ok=True)
            image.save(folder / "test" / names[label] / f"copy{at}.png")
    (folder / "train/empty").mkdir()
    (folder / "train/two/broken.png").write_bytes(b"no image")
    image.save(folder / "train/two/moving.gif")
    return folder


def test_planted_faults_are_on_the_page(tmp_path: Path) -> None:
    images, page = faulty(tmp_path / "images"), tmp_path / "out" / "audit.html"
    subprocess.run(command(images, page, 1, tmp_path / "results"), check=True)
    (spent,) = tmp_path.glob("results/audit/*/spent.json")
    assert float(spent.read_text()) < 1.5 * 60  # an epoch is long on a busy machine
    text, found = page.read_text(), rows(page)
    assert "empty: train/empty" in text and "train/two/broken.png" in text
    assert HOSTILE not in text and "<script>alert" not in text
    assert any(row["file"].endswith("moving.gif") for row in found)
    copied = [row for row in found if "/copy" in row["file"]]
    assert len(copied) == 5 and all(row["copies"] for row in copied)
    suspicious = sorted(found, key=lambda row: -float(row["suspicion"]))[: len(found) // 10]
    wrong = {f"{at:04}.png" for at in range(10)}
    assert len(wrong & {Path(row["file"]).name for row in suspicious}) >= 8
    assert page.stat().st_size < 2_000_000


def test_one_that_was_stopped_goes_on(tmp_path: Path) -> None:
    page = tmp_path / "audit.html"
    whole = command("digits", page, 0.5, tmp_path / "results")
    with subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as stopped:
        assert stopped.stdout
        for line in stopped.stdout:
            if line.startswith("wrong labels, 1"):
                break
        time.sleep(3)
        stopped.send_signal(signal.SIGINT)
        _, said = stopped.communicate(timeout=60)
    assert stopped.returncode == 130 and said.endswith("interrupted: the same command goes on\n")
    assert not page.exists()
    subprocess.run(whole, check=True)
    assert len(rows(page)) == 1797
