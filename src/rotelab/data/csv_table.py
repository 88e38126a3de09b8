"""Image files in a folder, and a CSV that says what they show."""

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from rotelab.data import part_names, tables
from rotelab.data.layouts import LAYOUTS
from rotelab.data.listing import SUFFIXES, files, images_below
from rotelab.data.parts import Source
from rotelab.data.places import Paths
from rotelab.data.stored import Encoded, numbered, watched
from rotelab.errors import InputError, printable

DELIMITERS = ",;\t|"


def csv_table(
    side: int | None, folder: str, cache: str, storage: str, on_bad_image: str, label_column: str | None
) -> Source:
    """A CSV with the columns ``file_name`` and ``label`` (or as people call them, or the one ``label_column``), perhaps
    ``split``, in a folder of image files, in the order of its rows; ``folder`` may be the CSV itself.

    Several are parts: ``train.csv``, ``test.csv``, or ``train/metadata.csv``. A file may be named without its folder or
    its ending, where one image alone is called so. Raises InputError for text that is no CSV, a file that is not there,
    that is named twice, and a row without a label.
    """
    given = Path(folder).expanduser().resolve()
    root = given.parent if given.is_file() else given
    digest, unchanged = watched("csv", given)
    images = _Images([path for path, _, _ in images_below(root)])
    rows: dict[str, list[tuple[str, str]]] = {}
    seen: dict[str, str] = {}
    for table in _tables(given):
        for where, path, name, part in _rows(root, table, images, label_column):
            if path in seen:
                raise InputError(f"{where}: {printable(path)} is named in {seen[path]} already")
            seen[path] = where
            rows.setdefault(part, []).append((path, name))
    rows = part_names.renamed(rows)
    classes, labels = numbered({part: [name for _, name in inside] for part, inside in rows.items()})
    places = {part: Paths(root, [path for path, _ in inside]) for part, inside in rows.items()}
    more = len(images) - len(seen)
    said = [f"left out: {more:,} images that no row names"] if more else []
    encoded = Encoded("csv", given, places, labels, classes, digest, unchanged, said)
    return encoded.source(side, cache, storage, on_bad_image)


class _Images:
    """Image files by their paths, and by what is left of these in a table."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = set(paths)
        self.called: dict[str, list[str]] = {}
        for path in paths:
            name = path.rpartition("/")[2]
            for key in {name, os.path.splitext(name)[0], os.path.splitext(path)[0]}:
                self.called.setdefault(key, []).append(path)

    def __len__(self) -> int:
        return len(self.paths)

    def find(self, name: str, within: str) -> str | None:
        """The path of an image that a row of a table in the folder ``within`` names. Raises InputError for several."""
        name = os.path.normpath(name.replace("\\", "/")) if "/" in name or "\\" in name else name
        for path in (os.path.normpath(f"{within}/{name}") if within else name, name):
            if path in self.paths:
                return path
        last = name.rpartition("/")[2]
        found = self.called.get(name) or self.called.get(last, [])
        if within:
            found = [path for path in found if path.startswith(f"{within}/")] or found
        if len(found) > 1:
            raise InputError(f"{printable(name)} may be {printable(found[0])} or {printable(found[1])}")
        return found[0] if found else None


def _tables(given: Path) -> list[Path]:
    """The CSV that is given; else ``metadata.csv``, those called train and test, or the only one, at the top of the
    folder or in the folders in it. Raises InputError where there is none, or which one is meant is not plain."""
    if given.is_file():
        return [given]
    found = [given / path for path, _, _ in files(given, SUFFIXES["csv"]) if path.count("/") < 2]
    for level in (1, 2):
        here = [path for path in found if len(path.relative_to(given).parts) == level]
        metadata = [path for path in here if path.stem.lower() == "metadata"]
        parts = [path for path in here if part_names.of_file(str(path.relative_to(given)))]
        if chosen := metadata or parts or here:
            if len(chosen) == 1 or all(part_names.of_file(str(path.relative_to(given))) for path in chosen):
                return chosen
            names = ", ".join(printable(path.relative_to(given)) for path in chosen[:5])
            raise InputError(f"{printable(given)} holds {names}: data.folder=<the one that is meant>")
    raise InputError(f"{printable(given)} holds no .csv where one is looked for: {LAYOUTS}")


def _rows(root: Path, table: Path, images: _Images, label: str | None) -> Iterator[tuple[str, str, str, str]]:
    """Where a row is (for sentences), and its image's path, label and part."""
    relative = table.relative_to(root)
    within = "" if relative.parent == Path(".") else str(relative.parent)
    of_table = part_names.of_file(str(relative)) or part_names.WHOLE
    lines = list(_lines(table))
    if not lines or len(lines[0][1]) < 2:
        raise InputError(f"{printable(table)} is no CSV with a line of names, such as file_name,label, at its top")
    names = [name.strip() for name in lines[0][1]]
    of_label = names.index(tables.label(printable(table), names, label))
    file = tables.column([name for name in names if name != names[of_label]], tables.FILES)
    if file is None:
        columns = ", ".join(map(printable, names))
        raise InputError(f"{printable(table)} has no column called file_name or the like; it has {columns}")
    of_file, split = names.index(file), tables.column(names, tables.PARTS)
    if len(lines) == 1:
        raise InputError(f"{printable(table)} has no row below its line of names")
    for number, row in lines[1:]:
        where = f"{printable(table)}, line {number}"
        if len(row) != len(names):
            raise InputError(f"{where} has {len(row)} values, and the first line {len(names)}")
        name, text = row[of_file].strip(), row[of_label].strip()
        if not text:
            raise InputError(f"{where}: {printable(name)} has no label")
        try:
            path = images.find(name, within)
        except InputError as error:
            raise InputError(f"{where}: {error}") from error
        if path is None:
            raise InputError(f"{where}: there is no image {printable(name)} in {printable(root)}")
        part = of_table
        if split and split != names[of_label]:
            value = row[names.index(split)].strip()
            part = part_names.of_word(value) or value
            if not part:
                raise InputError(f"{where}: {printable(name)} has no {printable(split)}")
        yield where, path, text, part


def _lines(table: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number and values of each line that is not empty. Raises InputError for what is no text."""
    try:
        text = table.read_bytes().decode("utf-8-sig")
        first = text.split("\n", 1)[0]
        delimiter = max(DELIMITERS, key=first.count)
        if "\0" in text or not first.count(delimiter):
            raise InputError(f"{printable(table)} is no CSV: its first line has no comma, semicolon, tab or bar")
        reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
        for row in reader:
            if any(value.strip() for value in row):
                yield reader.line_num, row
    except OSError as error:
        raise InputError(f"{printable(table)}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{printable(table)} is no CSV in UTF-8 ({error.reason} at byte {error.start:,})") from error
    except csv.Error as error:
        raise InputError(f"{printable(table)} is no CSV: line {reader.line_num}: {error}") from error
