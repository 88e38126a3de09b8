"""Which files are images by their names, and which of them can be read here. No torch, and Pillow only where needed."""

from functools import cache
from importlib import import_module

ALWAYS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
"""What every Pillow reads: torchvision's list."""

SOMETIMES = (
    *(".apng", ".avif", ".avifs", ".dib", ".gif", ".j2c", ".j2k", ".jfif", ".jp2", ".jpc", ".jpe", ".jpf", ".jpx"),
    *(".pbm", ".pcx", ".pnm", ".qoi", ".tga", ".heic", ".heics", ".heif", ".heifs", ".hif", ".jxl"),
)
"""What this Pillow may read, by itself or with a plug-in."""

PLUG_INS = ("pillow_heif", "pillow_avif", "pillow_jxl")
"""Modules that teach Pillow HEIF, AVIF (before its version 11.3) and JPEG XL, where they are installed."""


@cache
def readable(extension: str) -> bool:
    """Whether files whose names end so (``.gif``, in small letters) are images that can be decoded here."""
    return extension in ALWAYS or (extension in SOMETIMES and extension in _of_pillow())


@cache
def _of_pillow() -> frozenset[str]:
    """The extensions of all formats that Pillow can open, with the plug-ins registered that are installed."""
    from PIL import Image

    for module in PLUG_INS:
        try:
            plug_in = import_module(module)
            register = getattr(plug_in, "register_heif_opener", None)  # the others do so when they are imported
            if register:
                register()
        except ImportError:
            pass
    known = Image.registered_extensions()
    return frozenset(extension for extension, name in known.items() if name in Image.OPEN)
