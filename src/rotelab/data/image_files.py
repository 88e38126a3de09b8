"""Encoded images: how one is decoded, and those of a part, which are read when they are asked for."""

import re
import sys
import warnings
from collections.abc import Callable
from io import BytesIO
from typing import TypeVar, final

import numpy
from jaxtyping import UInt8
from PIL import ExifTags, Image, ImageOps, TiffImagePlugin, UnidentifiedImageError
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile
from torch import Tensor
from torchvision.transforms.v2 import functional as transforms

from rotelab.data.formats import readable
from rotelab.data.places import Place, Places
from rotelab.errors import InputError, printable

Result = TypeVar("Result")


@final
class BadImage(InputError):
    """A file that is broken, no image, or too large to be decoded: what ``data.on_bad_image=skip`` leaves out."""

    @classmethod
    def of(cls, text: str) -> "BadImage":
        """Not as it is built, which unpickling does once more."""
        return cls(f"{text} (with data.on_bad_image=skip runs leave such files out)")


def decode(path: Place, side: int | None) -> UInt8[Tensor, "3 height width"]:
    """The image as RGB, ``side`` x ``side`` where that is given. Raises InputError naming the path, as ``rgb`` does."""
    return resized(transforms.pil_to_tensor(rgb(path)), side)


def rgb(path: Place) -> Image.Image:
    """The image, upright, its first frame where there are several, without its alpha channel, 8 bits a value.

    Of 16-bit levels the upper 8 bits are kept; where the file does not say how many bits it uses (PNG, TIFF), those of
    12 or of 8 bits if none of its levels needs more.
    Raises BadImage for a file that Pillow can't decode, and, before it is decoded, for one of more pixels than
    ``PIL.Image.MAX_IMAGE_PIXELS``; InputError for a file that can't be read, which is no fault of the image.
    """
    return _opened(path, _as_rgb)


def size(path: Place) -> tuple[int, int]:
    """(height, width) of the upright image, by the file's header. Raises as ``rgb`` does."""
    return _opened(path, _upright_size)


def resized(images: Tensor, side: int | None) -> Tensor:
    """uint8 images, square with ``side`` pixels (antialiased, bilinear); unchanged for None."""
    if side is None or tuple(images.shape[-2:]) == (side, side):
        return images.contiguous()
    return transforms.resize(images, [side, side], antialias=True)


@final
class ImageFiles:
    """Images of a part, decoded when they are asked for: ``files[i]`` is what lies at ``places[i]``.

    All are ``side`` x ``side``, or without it of the first one's size. It can be pickled where the places can.
    """

    def __init__(self, places: Places, side: int | None) -> None:
        if not len(places):
            raise ValueError("no images")
        self.places, self.side = places, side
        height, width = size(places[0]) if side is None else (side, side)
        self.shape = (len(places), 3, height, width)
        """(images, channels, height, width)"""

    def __len__(self) -> int:
        return len(self.places)

    def stored_size(self, index: int) -> tuple[int, int]:
        """(height, width) as it lies there."""
        return size(self.places[index])

    def __getitem__(self, index: int) -> UInt8[Tensor, "3 height width"]:
        """Decoded anew each time. Raises InputError naming the place, also where its size is not the first one's."""
        place = self.places[index]
        image = decode(place, self.side)
        if image.shape != self.shape[1:]:
            size, first = ("x".join(map(str, shape[-2:])) for shape in (image.shape, self.shape))
            names = printable(str(place)), printable(str(self.places[0]))
            raise InputError(f"{names[0]} is {size}, {names[1]} is {first}: give data.side=N to resize all to NxN")
        return image


def _opened(path: Place, read: Callable[[ImageFile], Result]) -> Result:
    """``read`` of the file as a Pillow image, every error of which becomes one that names the path."""
    name = printable(str(path))
    readable(path.suffix.lower())  # registers what Pillow needs for it, in whatever process this is
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{name}: {error.strerror}") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata and the like: the pixels are all that counts
            # Pillow's own error comes at twice the limit
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data)) as image:
                return read(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        limit = f"{Image.MAX_IMAGE_PIXELS:,} that Pillow takes to be safe"
        raise BadImage.of(f"{name} is not decoded, since it has more pixels than the {limit}: {error}") from error
    except MemoryError:  # no fault of the image
        raise
    except UnidentifiedImageError as error:  # its message names the object in memory
        raise BadImage.of(f"{name} can't be read as an image: it is of no format that Pillow knows here") from error
    except Exception as error:  # what Pillow raises on a broken file is not one family of exceptions
        message = re.sub(r"<([\w.]+)[^<>]* at 0x[0-9a-fA-F]+>", r"\1", str(error))
        raise BadImage.of(f"{name} can't be read as an image: {message}") from error


def _as_rgb(opened: ImageFile) -> Image.Image:
    says_its_range = opened.format not in ("PNG", "TIFF")  # Pillow has scaled its levels to all of the 16 bits
    file, deep, planes = opened.fp, _DEEP.fullmatch(_raw_mode(opened)), _has_planes_of_16_bits(opened)
    if planes and not deep:
        raise ValueError("its 16-bit colours lie in planes of their own, which Pillow takes for 8-bit ones")
    image = _upright(opened)
    if image.mode.startswith("I"):  # Pillow would clip 16 bits of grey at 255
        levels = numpy.asarray(image)
        if levels.min() < 0 or levels.max() >= 2**16:
            raise ValueError("its grey levels have more than 16 bits")
        image = Image.fromarray(_upper_8(levels, 16 if says_its_range else _bits(levels)))
    elif deep and _greatest(image, deep[1]) < 2**4:  # of 16 bits Pillow has kept the upper 8: 12 or fewer are in use
        if planes:
            raise ValueError("its dark 16-bit colours lie in planes of their own, of which Pillow can't read all bits")
        assert isinstance(file, BytesIO), "that it was opened from"
        image = _scaled(file, *deep.groups())
    if image.mode == "F":
        raise ValueError("its grey levels are floating-point numbers, whose range is not known")
    return image.convert("RGB")


_DEEP = re.compile(r"(LA|RGB|RGBA|RGBa|RGBX|CMYK);16([BLN])")
"""Pillow's raw modes of 16-bit colours: big-endian, little-endian, or as the machine has it."""


def _raw_mode(image: ImageFile) -> str:
    """Of what lies in the file, for PNG and TIFF; empty where it is not known."""
    arguments = image.tile[0].args if image.format in ("PNG", "TIFF") and image.tile else ""
    return arguments if isinstance(arguments, str) else str((arguments or ("",))[0])


def _has_planes_of_16_bits(image: ImageFile) -> bool:
    """Whether a file holds all of the red before all of the green."""
    if not isinstance(image, TiffImageFile) or image.tag_v2.get(TiffImagePlugin.PLANAR_CONFIGURATION) != 2:
        return False
    bits = image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,))
    return len(bits) > 1 and max(bits) == 16


def _greatest(image: Image.Image, kind: str) -> int:
    """Of the levels that count, in the upper 8 bits."""
    if kind == "RGBa":  # of colours that Pillow has divided by their alpha, which was no less than they
        image = image.getchannel("A")
    elif kind != "CMYK":
        image = image.convert("RGB")
    return int(numpy.asarray(image).max())


def _scaled(file: BytesIO, kind: str, order: str) -> Image.Image:
    """The image of 16-bit levels by the upper 8 of the bits that are in use."""
    if kind == "LA":  # which Pillow reads in no other order; each byte as a channel, big-endian
        pairs = _read_as(file, "RGBA").astype(numpy.uint16)
        levels = pairs[..., 0] << 8 | pairs[..., 1]
    else:
        swapped = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}[order]
        upper, lower = (_read_as(file, f"{kind.replace('a', 'A')};16{each}") for each in (order, swapped))
        levels = upper.astype(numpy.uint16) << 8 | lower
        levels = levels[..., :3] if kind == "RGBA" else levels
    mode = {"LA": "L", "RGBA": "RGB", "RGBX": "RGB"}.get(kind, kind)
    scaled = Image.frombytes(mode, levels.shape[1::-1], _upper_8(levels, _bits(levels)).tobytes())
    return scaled.convert("RGBA") if mode == "RGBa" else scaled


def _read_as(file: BytesIO, raw: str) -> UInt8[numpy.ndarray, "height width channel"]:
    """The upright image, of which each value is the upper 8 bits, were it of this raw mode."""
    file.seek(0)
    with Image.open(file) as image:
        image.tile = [
            tile._replace(args=raw if isinstance(tile.args, str) else (raw, *(tile.args or ())[1:]))
            for tile in image.tile
        ]
        return numpy.asarray(_upright(image))


def _bits(levels: numpy.ndarray) -> int:
    """How many bits are in use: 8, 12 or 16."""
    return next(bits for bits in (8, 12, 16) if levels.max() < 2**bits)


def _upper_8(levels: numpy.ndarray, bits: int) -> numpy.ndarray:
    return (levels >> (bits - 8)).astype(numpy.uint8)


def _upright(image: Image.Image) -> Image.Image:
    """Turned and mirrored as its EXIF tag says; as it is where there is none that can be read."""
    try:
        return ImageOps.exif_transpose(image)
    except MemoryError:
        raise
    except Exception:  # broken metadata; a file whose pixels are broken raises anew when they are asked for
        return image


def _upright_size(image: ImageFile) -> tuple[int, int]:
    width, height = image.size
    if isinstance(image, TiffImageFile):  # of which some versions of Pillow have swapped them already
        width, height = image.tag_v2[ExifTags.Base.ImageWidth], image.tag_v2[ExifTags.Base.ImageLength]
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except MemoryError:
        raise
    except Exception:  # as above
        orientation = 1
    return (width, height) if orientation in (5, 6, 7, 8) else (height, width)
