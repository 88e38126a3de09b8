"""How much memory images take and how much there is. No torch here."""

import os
from collections.abc import Iterator
from pathlib import Path

from rotelab.errors import RunError


def needed(images: int, height: int, width: int) -> int:
    """Bytes of so many RGB images as uint8 and, on the device, as float32."""
    return images * 3 * height * width * (1 + 4)


def fits(needed: int, available: int) -> bool:
    """Whether images that need so many bytes may be kept in memory: in half of it, the rest being for training."""
    return 2 * needed <= available


def check(needed: int, what: str) -> None:
    """Raises RunError where ``what`` needs more bytes than there are at the moment."""
    if needed > (there := available()):
        raise RunError(
            f"{what} need {needed / 2**30:,.1f} GiB of memory, {there / 2**30:,.1f} GiB are available: "
            "choose a smaller data.side, data.size or data.batch_size"
        )


def available(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> int:
    """Bytes that this process can still take: the machine's, or what is left to the control groups that it is in."""
    return max(0, min([_free(proc), *_left_to_groups(proc, groups)]))


def _free(proc: Path) -> int:
    try:
        entries = (line.split(":") for line in (proc / "meminfo").read_text().splitlines())
        return next(int(value.split()[0]) * 1024 for name, value in entries if name == "MemAvailable")
    except (OSError, StopIteration):
        pages = "SC_AVPHYS_PAGES" if "SC_AVPHYS_PAGES" in os.sysconf_names else "SC_PHYS_PAGES"  # macOS: all there is
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf(pages)


def _left_to_groups(proc: Path, groups: Path) -> Iterator[int]:
    """Of every group of this process and of those above it, as far as they have a limit; versions 1 and 2."""
    try:
        lines = (proc / "self/cgroup").read_text().splitlines()
    except OSError:
        return
    for _, controllers, name in (line.split(":", 2) for line in lines):
        if not controllers:
            top, files = groups, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            top, files = groups / "memory", ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        for folder in (top / name.strip("/"), *(top / name.strip("/")).parents):
            if folder.is_relative_to(top):
                yield from _left(folder, *files)


def _left(folder: Path, limit: str, used: str, droppable: str) -> Iterator[int]:
    """Limit - use + files that are kept in memory only while nobody needs it."""
    try:
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        left = int((folder / limit).read_text()) - int((folder / used).read_text())
    except (OSError, ValueError):  # not there, or "max"
        return
    yield left + int(stat.get(droppable, 0))
