"""The same pictures in every layout that people have."""

import csv
import io
import tarfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy
from PIL import Image

from rotelab.data import sources
from rotelab.data.sources import Source

CLASSES = ("cat", "dog", "emu")
Picture = tuple[str, str, numpy.ndarray]
"""File name, class and pixels."""


def pictures(train: int = 24, test: int = 6) -> dict[str, list[Picture]]:
    """Noise of 6x5 pixels in colours, in the order of the file names, with the classes in turn."""
    draw = numpy.random.default_rng(0)
    return {
        part: [
            (f"{part}{index:03}.png", CLASSES[index % 3], draw.integers(256, size=(6, 5, 3), dtype=numpy.uint8))
            for index in range(count)
        ]
        for part, count in {"train": train, "test": test}.items()
        if count
    }


def encoded(pixels: numpy.ndarray, kind: str = "png") -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def save(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def as_folders(folder: Path, parts: Mapping[str, Sequence[Picture]], names: Mapping[str, str] = {}) -> Path:
    """``<part>/<class>/*``, with other ``names`` of parts; an empty one leaves that level out."""
    for part, inside in parts.items():
        for name, label, pixels in inside:
            save(folder / names.get(part, part) / label / name, encoded(pixels))
    return folder


def as_csv(folder: Path, parts: Mapping[str, Sequence[Picture]]) -> Path:
    """One CSV with a column of parts."""
    rows = [["file_name", "label", "split"]]
    for part, inside in parts.items():
        for name, label, pixels in inside:
            save(folder / "images" / name, encoded(pixels))
            rows.append([f"images/{name}", label, part])
    with (folder / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


def as_metadata(folder: Path, parts: Mapping[str, Sequence[Picture]]) -> Path:
    """Hugging Face's: ``<part>/metadata.csv`` beside the images."""
    for part, inside in parts.items():
        for name, _, pixels in inside:
            save(folder / part / name, encoded(pixels))
        lines = ["file_name,label", *(f"{name},{label}" for name, label, _ in inside)]
        (folder / part / "metadata.csv").write_text("\n".join(lines) + "\n")
    return folder


def as_parquet(folder: Path, parts: Mapping[str, Sequence[Picture]], text: bool = False, shards: int = 2) -> Path:
    """Hugging Face's: a struct of bytes and path, a ``ClassLabel`` or ``text``, in row groups of three."""
    import json

    import pyarrow
    from pyarrow import parquet

    features = {"info": {"features": {"label": {"names": CLASSES, "_type": "ClassLabel"}}}}
    folder.mkdir(parents=True, exist_ok=True)
    for part, inside in parts.items():
        for shard, chosen in enumerate(numpy.array_split(numpy.arange(len(inside)), shards)):
            rows = [inside[index] for index in chosen]
            table = pyarrow.table(
                {
                    "image": [{"bytes": encoded(pixels), "path": name} for name, _, pixels in rows],
                    "label": [label if text else CLASSES.index(label) for _, label, _ in rows],
                }
            )
            if not text:
                table = table.replace_schema_metadata({"huggingface": json.dumps(features)})
            parquet.write_table(
                table, folder / f"{part}-{shard:05}-of-{shards:05}.parquet", row_group_size=3, compression="none"
            )
    return folder


def as_npz(folder: Path, parts: Mapping[str, Sequence[Picture]], save: Callable[..., Any] = numpy.savez) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for part, inside in parts.items():
        arrays[f"x_{part}"] = numpy.stack([pixels for _, _, pixels in inside])
        arrays[f"y_{part}"] = numpy.array([label for _, label, _ in inside])
    save(folder / "data.npz", **arrays)
    return folder


def as_tar(folder: Path, parts: Mapping[str, Sequence[Picture]], shards: int = 2) -> Path:
    """Webdataset's: ``key.png`` and ``key.cls``."""
    for part, inside in parts.items():
        for shard, chosen in enumerate(numpy.array_split(numpy.arange(len(inside)), shards)):
            members = []
            for name, label, pixels in (inside[index] for index in chosen):
                members += [(name, encoded(pixels)), (name.replace(".png", ".cls"), label.encode())]
            write_tar(folder / f"{part}-{shard:06}.tar", members)
    return folder


def write_tar(path: Path, members: Sequence[tuple[str, bytes]], mode: Any = "w") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, mode) as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


WRITE: dict[str, tuple[str, Callable[..., Path]]] = {
    "image_folder": ("image_folder", as_folders),
    "Train and Validation": ("image_folder", partial(as_folders, names={"train": "Train", "test": "Validation"})),
    "csv": ("csv", as_csv),
    "metadata.csv": ("csv", as_metadata),
    "parquet": ("parquet", as_parquet),
    "parquet of text": ("parquet", partial(as_parquet, text=True)),
    "npz": ("npz", as_npz),
    "webdataset": ("webdataset", as_tar),
}
"""A layout -> the source that reads it, and what writes it."""


def reading(source: str, folder: Path, cache: Path, storage: str = "memory", **changes: Any) -> Callable[[], Source]:
    """A source of these images, with the options that a YAML of ``conf/data`` has."""
    options: dict[str, Any] = {"side": None, "folder": str(folder), "storage": storage}
    if source != "npz":
        options |= {"cache": str(cache), "on_bad_image": "error"}
    if source in ("csv", "parquet"):
        options |= {"label_column": None}
    return partial(getattr(sources, source), **(options | changes))
