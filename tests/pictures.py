"""Folders of images, as people have them."""

from pathlib import Path

import numpy
from PIL import Image


def write_noise(folder: Path) -> Path:
    """Two classes of noise, 8x8 with three channels: 36 images to train on, 12 to test with. The folder."""
    draw = numpy.random.default_rng(0)
    for part, count in (("train", 18), ("test", 6)):
        for name in ("cat", "dog"):
            (folder / part / name).mkdir(parents=True)
            for index in range(count):
                pixels = draw.integers(256, size=(8, 8, 3), dtype=numpy.uint8)
                Image.fromarray(pixels).save(folder / part / name / f"{index}.png")
    return folder
