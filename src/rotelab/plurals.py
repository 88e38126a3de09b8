"""Nouns that are counted."""


def plural(count: object, noun: str) -> str:
    """``1 run``, ``2 classes``; of a number as it is written, or of a range of them, ``3 to 5 epochs``."""
    endings = "" if str(count) == "1" else "es" if noun.endswith("s") else "s"
    return f"{count} {noun}{endings}"
