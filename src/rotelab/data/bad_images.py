"""Which images can't be decoded: all are tried once, and the cache remembers which they were."""

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import torch

from rotelab.data import cache_files
from rotelab.data.image_files import BadImage, rgb
from rotelab.data.places import Place, Places
from rotelab.data.progress import for_each
from rotelab.errors import RunError, printable
from rotelab.system.signals import leave_to_the_parent, put_off

IMAGES_PER_PROCESS = 256
"""Fewer than twice as many are checked faster than processes are started."""


def bad(parts: Mapping[str, Places], root: Path, stamp: str, cached: Path) -> tuple[str, ...]:
    """The names of those that can't be decoded, sorted: by ``cached`` where that is of ``stamp``, else by trying."""
    every = [(places, index) for places in parts.values() for index in range(len(places))]
    try:
        content = json.loads(cached.read_text())
        if content["stamp"] == stamp:
            found = content["bad"]
            if content["sum"] != checksum(stamp, found):
                raise ValueError("it has another checksum")
            if not isinstance(found, list) or not set(found) <= {places.name(index) for places, index in every}:
                raise ValueError("it names files that are not in the folder")
            return tuple(found)
    except FileNotFoundError:
        pass
    except Exception as error:  # whatever a damaged one leads to
        cache_files.say_damaged(cached, error)
    start = time.monotonic()
    processes = min(torch.get_num_threads(), len(every) // IMAGES_PER_PROCESS) or 1
    print(f"data.on_bad_image=skip: decoding {len(every):,} images once ({processes} processes) ...", flush=True)
    flags = are_bad([places[index] for places, index in every], root, processes)
    found = tuple(sorted(places.name(index) for (places, index), flag in zip(every, flags, strict=True) if flag))
    print(f"data.on_bad_image=skip: {len(found):,} can't be decoded ({time.monotonic() - start:.1f} s)", flush=True)
    content = json.dumps({"stamp": stamp, "bad": found, "sum": checksum(stamp, found)}).encode()
    cache_files.write(cached, lambda file: file.write(content))
    return found


def checksum(stamp: str, names: object) -> str:
    return hashlib.sha256(json.dumps([stamp, names]).encode()).hexdigest()[:16]


def are_bad(places: list[Place], root: Path, processes: int) -> list[bool]:
    """Of each whether it can't be decoded, tried by so many processes; ``root`` is what is said to be decoded."""
    flags: list[bool] = []

    def go_through(found: Iterable[bool]) -> list[bool]:
        for_each(flags.append, found, len(places), f"decoding {printable(root)}")
        return flags

    if processes == 1:
        return go_through(map(_is_bad, places))
    try:
        with ProcessPoolExecutor(processes, initializer=leave_to_the_parent) as pool:
            try:
                with put_off():
                    found = pool.map(_is_bad, places, chunksize=IMAGES_PER_PROCESS)
                return go_through(found)
            except BaseException:
                pool.shutdown(cancel_futures=True)  # else the rest would be decoded first
                raise
    except BrokenProcessPool as error:
        raise RunError("a process that decoded images was killed: is there enough memory?") from error


def _is_bad(place: Place) -> bool:
    try:
        rgb(place)  # no torch here: its threads don't survive a fork
    except BadImage:
        return True
    return False
