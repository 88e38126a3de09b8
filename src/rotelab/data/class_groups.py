"""Groups of classes in the place of classes: the first half of them against the second, or some against all others."""

from collections.abc import Sequence
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
    """The source with its classes in so many groups, in their order; itself for None. Raises InputError where there are
    more groups than classes."""
    if groups is None:
        return source
    classes = len(source.classes)
    if groups > classes:
        raise InputError(f"data.class_groups = {groups} is more than the {classes} classes that there are")
    return _merged(source, group(torch.arange(classes), classes, groups))


def told_apart(source: Source, positive: Sequence[str] | None) -> Source:
    """The source with two classes, 1 for those called so and 0 for all others; itself for None. Raises InputError where
    one of the names is no class, or they are all there are."""
    if positive is None:
        return source
    if unknown := [name for name in positive if name not in source.classes]:
        raise InputError(f"data.positive_classes: {unknown[0]} is none of {', '.join(source.classes)}")
    members = torch.tensor([name in positive for name in source.classes]).long()
    if members.all():
        raise InputError("data.positive_classes leaves no class to tell them from")
    return _merged(source, members)


def _merged(source: Source, members: Int64[Tensor, " class"]) -> Source:
    """With the group of each class in its place; a group is called by its classes."""
    groups: list[list[str]] = [[] for _ in range(int(members.max()) + 1)]
    for name, number in zip(source.classes, members.tolist(), strict=True):
        groups[number].append(name)
    parts = {name: replace(part, labels=members[part.labels]) for name, part in source.parts.items()}
    return replace(source, parts=parts, classes=tuple(map(" ".join, groups)))
