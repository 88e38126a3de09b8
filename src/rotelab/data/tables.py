"""Columns of a table of images, by the names that people give them. No torch here."""

from collections.abc import Sequence

from rotelab.errors import InputError, printable

FILES = (
    *("file_name", "filename", "file", "image", "image_path", "path", "filepath", "file_path", "img", "image_name"),
    *("image_id", "img_path", "name", "id", "id_code"),
)
LABELS = (
    *("label", "labels", "class", "class_name", "category", "target", "y", "fine_label", "label_name", "classes"),
    *("species", "breed", "diagnosis", "annotation", "class_id", "label_id"),
)
PARTS = ("split", "set", "subset", "partition", "part", "fold", "data_set", "dataset")


def column(names: Sequence[str], known: Sequence[str]) -> str | None:
    """The first of the known names, in whatever capitals, as the table has it."""
    by_name = {name.strip().lower().replace(" ", "_").replace("-", "_"): name for name in reversed(names)}
    return next((by_name[one] for one in known if one in by_name), None)


def label(table: str, names: Sequence[str], given: str | None) -> str:
    """The column of labels. Raises InputError, naming the table and what columns it has, where there is none."""
    columns = ", ".join(printable(name) for name in names)
    if given is not None:
        if given in names:
            return given
        raise InputError(f"{table} has no column {printable(given)} (data.label_column); it has {columns}")
    if found := column(names, LABELS):
        return found
    raise InputError(f"{table} has no column called label or the like: data.label_column names it; it has {columns}")
