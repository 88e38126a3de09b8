"""What a stack of runs is at the end of an epoch: of the members that are still in it, as ``training.checkpoint``."""

from collections.abc import Sequence
from typing import Any

from lightning.fabric.utilities import move_data_to_device
from torch import Tensor

from rotelab.training.checkpoint import (
    OF_ALL,
    Part,
    put_images,
    put_metrics,
    put_remembered,
    put_tensors,
    remembered,
    tensors,
)
from rotelab.training.stacks.learner import Together


def parameters(together: Together) -> list[dict[str, Tensor]]:
    """Of each group that has any, stacked."""
    return [tensors(group.items()) for group in together.stack.parameters if group]


def put_parameters(together: Together, kept: Sequence[dict[str, Tensor]]) -> None:
    for there, of_group in zip(parameters(together), kept, strict=True):
        put_tensors(there, of_group)


def put_metrics_of_all(together: Together, kept: Sequence[dict[str, float]]) -> None:
    for member, metrics in zip(together.members, kept, strict=True):
        put_metrics(member.learner, metrics)
    together.metrics = together.members[0].learner.metrics


def put_images_of_all(together: Together, kept: Sequence[int]) -> None:
    for member, images in zip(together.members, kept, strict=True):
        put_images(member.learner, images)


def put_vitals(together: Together, kept: Sequence[dict[str, Any]]) -> None:
    for member, vitals in zip(together.members, kept, strict=True):
        member.vitals.load_state_dict(vitals)


def put_callbacks(together: Together, kept: Sequence[dict[str, Any]]) -> None:
    for member, states in zip(together.members, kept, strict=True):
        put_remembered(member.callbacks, move_data_to_device(states, together.device))


OF_A_STACK = OF_ALL | {
    "parameters": Part(
        lambda _, together: parameters(together),
        lambda _, together, kept: put_parameters(together, kept),
    ),
    "buffers": Part(
        lambda _, together: together.stack.buffers,
        lambda _, together, kept: put_tensors(together.stack.buffers, kept),
    ),
    "metrics": Part(
        lambda _, together: [member.learner.metrics for member in together.members],
        lambda _, together, kept: put_metrics_of_all(together, kept),
    ),
    "images": Part(
        lambda _, together: [member.learner.images for member in together.members],
        lambda _, together, kept: put_images_of_all(together, kept),
    ),
    "vitals": Part(
        lambda _, together: [member.vitals.state_dict() for member in together.members],
        lambda _, together, kept: put_vitals(together, kept),
    ),
    "callbacks": Part(
        lambda _, together: [remembered(member.callbacks) for member in together.members],
        lambda _, together, kept: put_callbacks(together, kept),
    ),
}
