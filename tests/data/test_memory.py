"""The rule that says whether images fit in memory, and what there is of it."""

from pathlib import Path

import pytest

from rotelab.data import memory
from rotelab.errors import RunError

GIB = 2**30


def test_bytes_that_images_need() -> None:
    assert memory.needed(50_000, 32, 32) == 50_000 * 3 * 32 * 32 * 5
    assert memory.needed(1_281_167, 224, 224) / GIB == pytest.approx(898, abs=1)


@pytest.mark.parametrize(("needed", "available", "fits"), [(4, 8, True), (4, 7, False), (0, 0, True), (1, 0, False)])
def test_images_fit_in_half_of_what_is_available(needed: int, available: int, fits: bool) -> None:
    assert memory.fits(needed, available) is fits


def test_too_little_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 3 * GIB)
    memory.check(3 * GIB, "images")
    with pytest.raises(RunError, match=r"^images need 5.0 GiB of memory, 3.0 GiB are available: .*data.side"):
        memory.check(5 * GIB, "images")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """With 8 GiB available."""
    write(tmp_path / "proc/meminfo", f"MemTotal: 99999 kB\nMemFree: 1 kB\nMemAvailable: {8 * GIB // 1024} kB\n")
    return tmp_path


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def available(machine: Path) -> int:
    return memory.available(machine / "proc", machine / "groups")


def test_available_by_the_kernel(machine: Path) -> None:
    assert available(machine) == 8 * GIB


def test_available_without_the_kernel_s_word(tmp_path: Path) -> None:
    assert available(tmp_path) > 0


def test_available_here() -> None:
    assert 0 < memory.available() < 2**60


def test_a_limit_on_a_group_above_this_one(machine: Path) -> None:
    write(machine / "proc/self/cgroup", "0::/job/step\n")
    for group, limit in (("job", str(3 * GIB)), ("job/step", "max")):
        write(machine / "groups" / group / "memory.max", f"{limit}\n")
        write(machine / "groups" / group / "memory.current", f"{2 * GIB}\n")
        write(machine / "groups" / group / "memory.stat", f"anon 5\ninactive_file {GIB}\n")
    assert available(machine) == 2 * GIB


def test_a_limit_of_version_1(machine: Path) -> None:
    write(machine / "proc/self/cgroup", "5:cpu,cpuacct:/\n4:memory:/job\n0::/\n")
    write(machine / "groups/memory/job/memory.limit_in_bytes", f"{5 * GIB}\n")
    write(machine / "groups/memory/job/memory.usage_in_bytes", f"{4 * GIB}\n")
    write(machine / "groups/memory/job/memory.stat", "total_inactive_file 0\n")
    write(machine / "groups/memory/memory.limit_in_bytes", "9223372036854771712\n")
    assert available(machine) == GIB


def test_a_group_that_is_named_as_seen_from_outside(machine: Path) -> None:
    write(machine / "proc/self/cgroup", "0::/outside/job\n")
    write(machine / "groups/memory.max", f"{GIB}\n")
    write(machine / "groups/memory.current", f"{2 * GIB}\n")
    write(machine / "groups/memory.stat", "inactive_file 0\n")
    assert available(machine) == 0
