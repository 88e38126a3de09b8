"""What a source gives: parts of labelled images, such as ``train`` and ``test``."""

from collections.abc import Mapping
from dataclasses import dataclass

from jaxtyping import Int64, UInt8
from torch import Tensor

from rotelab.data.image_files import ImageFiles


@dataclass(frozen=True)
class Part:
    """Images of one part of a source, grey levels 0 to 255, in memory or as files, and labels, 0 to classes - 1."""

    images: UInt8[Tensor, "image channel height width"] | ImageFiles
    labels: Int64[Tensor, " image"]


@dataclass(frozen=True)
class Source:
    """``skipped`` are the files of an image folder that were left out since they can't be decoded."""

    parts: Mapping[str, Part]
    classes: tuple[str, ...]
    skipped: tuple[str, ...] = ()
