"""Ways in which the files of a finished run may be damaged."""

import json
from pathlib import Path

from rotelab.results import files


def damage_result(run: Path) -> Path:
    (run / files.RESULT).write_text("")
    return run / files.RESULT


def cut_result(run: Path) -> Path:
    text = (run / files.RESULT).read_bytes()
    (run / files.RESULT).write_bytes(text[: len(text) // 2] + b"\xff")
    return run / files.RESULT


def empty_object(run: Path) -> Path:
    (run / files.RESULT).write_text("[]")
    return run / files.RESULT


def cut_curve(run: Path) -> Path:
    curve = (run / files.CURVE).read_bytes()
    (run / files.CURVE).write_bytes(curve[:-40])
    return run / files.CURVE


def change_curve(run: Path) -> Path:
    curve = (run / files.CURVE).read_bytes()
    (run / files.CURVE).write_bytes(curve.replace(b"0.45", b"0.46"))
    return run / files.CURVE


def remove_curve(run: Path) -> Path:
    (run / files.CURVE).unlink()
    return run / files.CURVE


def of_an_earlier_version(run: Path) -> Path:
    """Whole, but of before the images of training passes were counted."""
    curve = (run / files.CURVE).read_bytes().replace(b"images", b"samples", 1)
    (run / files.CURVE).write_bytes(curve)
    found = json.loads((run / files.RESULT).read_text())
    (run / files.RESULT).write_text(json.dumps(found | {"curve": files.fingerprint(curve)}))
    return run / files.CURVE


DAMAGES = [damage_result, cut_result, empty_object, cut_curve, change_curve, remove_curve, of_an_earlier_version]
