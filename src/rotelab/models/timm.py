"""Networks of timm (Wightman 2019) by their names there, with random weights."""

from difflib import get_close_matches
from typing import Any

import torch
from torch import nn

from rotelab.errors import Refusal


def timm(
    image_shape: tuple[int, int, int], classes: int, name: str, options: dict[str, Any] | None = None
) -> nn.Module:
    """The network, with an output a class; ``options`` are further ones of ``timm.create_model``.

    One that is built for images of one size, such as a vision transformer, is built for these. Raises Refusal where
    timm is missing, has no such network, or the network can't take options or images of this size.
    """
    try:
        import timm as library
    except ImportError:
        raise Refusal("model=timm needs timm: pip install 'rotelab[timm]'") from None
    if not library.is_model(name):
        similar = get_close_matches(name, library.list_models())
        instead = f"; it has {', '.join(similar)}" if similar else ""
        raise Refusal(f"model.name = {name!r} is no network of timm{instead}")
    known = library.get_pretrained_cfg(name)
    given: dict[str, Any] = {"img_size": image_shape[1:]} if known and known.fixed_input_size else {}
    given |= {"num_classes": classes, "in_chans": image_shape[0], **(options or {})}
    try:
        network = library.create_model(name, **given)
        _outputs(network, image_shape)
    except (TypeError, RuntimeError, AssertionError, ValueError) as error:
        size = "x".join(map(str, image_shape))
        raise Refusal(f"model.name = {name}: timm can't build it so that it takes images of {size}: {error}") from None
    return network


@torch.no_grad()
def _outputs(network: nn.Module, image_shape: tuple[int, int, int]) -> None:
    """One pass, which fails where there are too few pixels."""
    network.eval()(torch.zeros(1, *image_shape))
    network.train()
