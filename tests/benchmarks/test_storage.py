"""The bench of storages: its images are the same each time, and it measures what it says."""

import sys
from pathlib import Path

import pytest

from rotelab.benchmarks import storage
from rotelab.benchmarks.storage import generate, measure, photo, recipe, watched


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    generate(tmp_path / "images", 40, 2, 16)
    return tmp_path / "images"


def test_images_are_the_same_each_time(folder: Path) -> None:
    assert photo(3, 16).tobytes() == photo(3, 16).tobytes()
    assert photo(3, 16).tobytes() != photo(4, 16).tobytes()
    names = sorted(str(file.relative_to(folder)) for file in folder.glob("*/*/*.jpg"))
    assert len(names) == 40
    assert names[0] == "test/class_000/000032.jpg"
    assert names[-1] == "train/class_001/000031.jpg"


@pytest.mark.parametrize("storage", ["stream", "memory"])
def test_both_storages_are_measured(folder: Path, tmp_path: Path, storage: str) -> None:
    found = measure(recipe(folder, tmp_path / "cache", storage, 40, workers=0, epochs=2))
    assert set(found) == {"first", "later", "reading"}
    assert all(value > 0 for value in found.values())


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux")
def test_memory_is_that_of_a_command_and_its_children() -> None:
    code = (
        "import os, time; child = os.fork(); b = os.urandom(50 << 20); time.sleep(2); child and print(os.wait() and 1)"
    )
    printed, peak = watched([sys.executable, "-c", code])
    assert printed == "1\n"
    assert 100 < peak / 2**20 < 200


def test_a_command_that_fails() -> None:
    with pytest.raises(SystemExit, match="has failed"):
        watched([sys.executable, "-c", "raise SystemExit(3)"])


def test_options_that_make_no_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["storage", "--count=50", "--classes=10"])
    with pytest.raises(SystemExit):
        storage.main()
