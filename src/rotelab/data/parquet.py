"""Images in the rows of parquet files, as Hugging Face writes them: a struct of bytes and path, and a label."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy

from rotelab.data import part_names, tables
from rotelab.data.image_files import BadImage
from rotelab.data.listing import SUFFIXES, files
from rotelab.data.parts import Source
from rotelab.data.places import Paths
from rotelab.data.stored import Encoded, numbered, watched
from rotelab.errors import InputError, printable

if TYPE_CHECKING:
    from pyarrow import Schema
    from pyarrow.parquet import ParquetFile


def parquet(
    side: int | None, folder: str, cache: str, storage: str, on_bad_image: str, label_column: str | None
) -> Source:
    """Parquet files with a column of images, a struct with ``bytes`` or the bytes themselves, and one of labels, whole
    numbers (with the names that Hugging Face keeps beside them, if there are) or text, in the order of files and rows.
    A file called ``train-00000-of-00002`` is of that part. ``folder`` may be a file itself.

    Needs pyarrow. Raises InputError for a file that is none, without such columns, and for a row without a label.
    """
    given = Path(folder).expanduser().resolve()
    root = given.parent if given.is_file() else given
    digest, unchanged = watched("parquet", given)
    shards = [path for path, _, _ in files(given, SUFFIXES["parquet"])]
    names: dict[str, list[str]] = {}
    rows: dict[str, list[numpy.ndarray]] = {}
    columns, order = [], []
    for number, (shard, part) in enumerate(zip(shards, part_names.of_files(root, shards), strict=True)):
        table = _Table(root / shard, label_column)
        columns.append(table.images)
        order += [name for name in table.classes if name not in order]
        names.setdefault(part, []).extend(table.labels())
        rows.setdefault(part, []).append(table.rows(number))
    names, rows = part_names.renamed(names), part_names.renamed(rows)
    classes, labels, said = *numbered(names), []
    if order:
        classes = tuple(name for name in order if name in classes)
        number = {name: index for index, name in enumerate(classes)}
        labels = {part: [number[name] for name in inside] for part, inside in names.items()}
        if empty := [printable(name) for name in order if name not in number]:
            said = [f"empty: {', '.join(empty)}"]
    places = {part: _Rows(Paths(root, shards), columns, numpy.concatenate(inside)) for part, inside in rows.items()}
    encoded = Encoded("parquet", given, places, labels, classes, digest, unchanged, said)
    return encoded.source(side, cache, storage, on_bad_image)


@final
@dataclass(frozen=True)
class Row:
    """An image in a row of a parquet file."""

    file: Path
    column: str
    group: int
    row: int
    number: int

    def __str__(self) -> str:
        return f"{self.file}, row {self.number}"

    @property
    def suffix(self) -> str:
        return ""

    def read_bytes(self) -> bytes:
        """Raises BadImage for a row without."""
        found = _group(self.file, self.file.stat().st_mtime_ns, self.column, self.group)[self.row].as_py()
        if isinstance(found, dict):
            found = found["bytes"]
        if not found:
            raise BadImage.of(f"{printable(str(self))} holds no bytes of an image")
        return found


@final
class _Rows:
    """Images of a part: of each the numbers of its file, of its group, of the row there and in the file."""

    def __init__(self, shards: Paths, columns: Sequence[str], rows: numpy.ndarray) -> None:
        self.shards, self.columns, self.rows = shards, columns, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Row:
        shard, *where = self.rows[index].tolist()
        return Row(self.shards[shard], self.columns[shard], *where)

    def name(self, index: int) -> str:
        return f"{self.shards.name(int(self.rows[index, 0]))}, row {self.rows[index, 3]}"


class _Table:
    """One file: its columns of images and labels, and the names of classes that its schema has."""

    def __init__(self, path: Path, label: str | None) -> None:
        self.path, self.file = path, _opened(path)
        schema = self.file.schema_arrow
        self.images = _image_column(path, schema)
        self.label = tables.label(printable(path), [name for name in schema.names if name != self.images], label)
        self.classes = _class_names(schema, self.label)

    def labels(self) -> Iterator[str]:
        """By name. Raises InputError for a row without, for a number without a name, and for what is no label."""
        try:
            column = self.file.read([self.label], use_threads=False).column(0)
        except (OSError, ValueError) as error:
            raise _broken(self.path, error) from error
        for number, value in enumerate(column.to_pylist()):
            where = f"{printable(self.path)}, row {number}"
            if value is None or value == "":
                raise InputError(f"{where} has no {printable(self.label)}")
            if not isinstance(value, int | str):
                raise InputError(f"{where}: {printable(self.label)} is of {column.type}, no whole number and no text")
            if self.classes and isinstance(value, int):
                if not 0 <= value < len(self.classes):
                    raise InputError(f"{where}: label {value} has no name among the {len(self.classes)} that there are")
                value = self.classes[value]
            yield str(value)

    def rows(self, number: int) -> numpy.ndarray:
        """Of each the ``number`` of this file, its group, its row there and in the file."""
        counts = [self.file.metadata.row_group(group).num_rows for group in range(self.file.num_row_groups)]
        group = numpy.repeat(numpy.arange(len(counts)), counts)
        inside = numpy.concatenate([numpy.arange(count) for count in counts] or [numpy.arange(0)])
        every = numpy.arange(len(group))
        return numpy.stack([numpy.full(len(group), number), group, inside, every], 1).astype(numpy.int64)


def _opened(path: Path) -> "ParquetFile":
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise InputError("data=parquet needs pyarrow: pip install 'rotelab[parquet]'") from error
    try:
        return ParquetFile(path)
    except (OSError, ValueError) as error:
        raise _broken(path, error) from error


def _broken(path: Path, error: Exception) -> InputError:
    return InputError(f"{printable(path)} can't be read as parquet: {printable(str(error).splitlines()[0])}")


@lru_cache(maxsize=4)
def _group(path: Path, time: int, column: str, group: int) -> Any:
    """The images of a row group: they can be read no fewer at once."""
    try:
        return _opened(path).read_row_group(group, [column], use_threads=False).column(0)
    except (OSError, ValueError) as error:
        raise _broken(path, error) from error


def _image_column(path: Path, schema: "Schema") -> str:
    from pyarrow import types

    def holds_images(kind: Any) -> bool:
        if types.is_struct(kind):
            return kind.get_field_index("bytes") >= 0
        return types.is_binary(kind) or types.is_large_binary(kind)

    names = [field.name for field in schema if holds_images(field.type)]
    if not names:
        columns = ", ".join(f"{printable(field.name)} ({field.type})" for field in schema)
        raise InputError(f"{printable(path)} has no column of images as bytes; it has {columns}")
    return tables.column(names, tables.FILES) or names[0]


def _class_names(schema: "Schema", label: str) -> list[str]:
    """As Hugging Face's ``ClassLabel`` keeps them; none where there are none, or what is there can't be read."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return [str(name) for name in features[label]["names"]]
    except (KeyError, TypeError, ValueError):
        return []
