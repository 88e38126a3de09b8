"""Images as files: how one is decoded, and a part of an image folder that is read when it is asked for."""

import os
import warnings
from collections.abc import Callable
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from typing import TypeVar, final

import numpy
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as transforms

from rotelab.errors import InputError

Result = TypeVar("Result")


@final
class BadImage(InputError):
    """A file that is broken, no image, or too large to be decoded: what ``data.on_bad_image=skip`` leaves out."""


def decode(path: Path, side: int | None) -> UInt8[Tensor, "3 height width"]:
    """The image as RGB, ``side`` x ``side`` where that is given. Raises InputError naming the path, as ``rgb`` does."""
    return resized(transforms.pil_to_tensor(rgb(path)), side)


def rgb(path: Path) -> Image.Image:
    """The image, its first frame where there are several, without its alpha channel; 16 bits keep the upper 8.

    Raises BadImage for a file that Pillow can't decode, and, before it is decoded, for one of more pixels than
    ``PIL.Image.MAX_IMAGE_PIXELS``; InputError for a file that can't be read, which is no fault of the image.
    """
    return _opened(path, _as_rgb)


def size(path: Path) -> tuple[int, int]:
    """(height, width) by the file's header. Raises as ``rgb`` does."""
    width, height = _opened(path, lambda image: image.size)
    return height, width


def resized(images: Tensor, side: int | None) -> Tensor:
    """uint8 images, square with ``side`` pixels (antialiased, bilinear); unchanged for None."""
    if side is None or tuple(images.shape[-2:]) == (side, side):
        return images.contiguous()
    return transforms.resize(images, [side, side], antialias=True)


@final
class ImageFiles:
    """Images of a part, read from disk when they are asked for: ``files[i]`` is the i-th of ``paths`` below ``root``.

    All are ``side`` x ``side``, or without it of the first one's size. It can be pickled, and costs its processes
    nothing but the characters of the paths.
    """

    def __init__(self, root: Path, paths: list[str], side: int | None) -> None:
        if not paths:
            raise ValueError(f"no paths below {root}")
        self.root, self.side = root, side
        # One piece of text and where each path ends in it. A list of str would be copied in every forked worker, page
        # by page: to look at a str writes its reference count, which lies beside it.
        encoded = [os.fsencode(path) for path in paths]
        self._text = b"".join(encoded)
        self._ends = numpy.fromiter(accumulate(map(len, encoded)), numpy.int64, len(encoded))
        height, width = size(self.path(0)) if side is None else (side, side)
        self.shape = (len(paths), 3, height, width)
        """(images, channels, height, width)"""

    def __len__(self) -> int:
        return len(self._ends)

    def path(self, index: int) -> Path:
        if not -len(self) <= index < len(self):
            raise IndexError(f"image {index} of {len(self)}")
        index %= len(self)
        return self.root / os.fsdecode(self._text[self._ends[index - 1] if index else 0 : self._ends[index]])

    def __getitem__(self, index: int) -> UInt8[Tensor, "3 height width"]:
        """Decoded anew each time. Raises InputError naming the path, also where its size is not the first one's."""
        path = self.path(index)
        image = decode(path, self.side)
        if image.shape != self.shape[1:]:
            size, first = ("x".join(map(str, shape[-2:])) for shape in (image.shape, self.shape))
            raise InputError(f"{path} is {size}, {self.path(0)} is {first}: give data.side=N to resize all to NxN")
        return image


def _opened(path: Path, read: Callable[[Image.Image], Result]) -> Result:
    """``read`` of the file as a Pillow image, every error of which becomes one that names the path."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata and the like: the pixels are all that counts
            # Pillow's own error comes at twice the limit
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data)) as image:
                return read(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        limit = f"{Image.MAX_IMAGE_PIXELS:,} that Pillow takes to be safe"
        raise BadImage(f"{path} is not decoded, since it has more pixels than the {limit}: {error}") from error
    except MemoryError:  # no fault of the image
        raise
    except Exception as error:  # what Pillow raises on a broken file is not one family of exceptions
        raise BadImage(f"{path} can't be read as an image: {error}") from error


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # Pillow would clip 16 bits of grey at 255; of 16-bit colours it keeps the upper 8
        levels = numpy.asarray(image)
        if levels.min() < 0 or levels.max() >= 2**16:
            raise ValueError("its grey levels have more than 16 bits")
        image = Image.fromarray((levels >> 8).astype(numpy.uint8))
    if image.mode == "F":
        raise ValueError("its grey levels are floating-point numbers, whose range is not known")
    return image.convert("RGB")
