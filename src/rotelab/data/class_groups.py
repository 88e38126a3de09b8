"""Groups of neighbouring classes in the place of classes: the first half of them against the second, for instance."""

from dataclasses import replace

import torch
from jaxtyping import Int64
from torch import Tensor

from rotelab.data.parts import Source
from rotelab.errors import InputError


def group(labels: Int64[Tensor, " image"], classes: int, groups: int) -> Int64[Tensor, " image"]:
    """``floor(label groups / classes)``: of ten classes in two groups 0 for the first five, 1 for the others."""
    return torch.div(labels * groups, classes, rounding_mode="floor")


def grouped(source: Source, groups: int | None) -> Source:
    """The source with its classes in so many groups, in their order; itself for None. A group is called by its classes,
    ``0 1 2 3 4``. Raises InputError where there are more groups than classes."""
    if groups is None:
        return source
    classes = len(source.classes)
    if groups > classes:
        raise InputError(f"data.class_groups = {groups} is more than the {classes} classes that there are")
    members = group(torch.arange(classes), classes, groups).tolist()
    names = tuple(
        " ".join(name for name, of in zip(source.classes, members, strict=True) if of == number)
        for number in range(groups)
    )
    parts = {name: replace(part, labels=group(part.labels, classes, groups)) for name, part in source.parts.items()}
    return replace(source, parts=parts, classes=names)
