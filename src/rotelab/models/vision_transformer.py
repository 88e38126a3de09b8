"""A small vision transformer: patches as words."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rotelab.errors import Refusal
from rotelab.models.budget import nearest


class Patches(nn.Module):
    """A linear map of each patch, a convolution whose stride is its side, plus what is learned for its place: from
    N(0, .02^2)."""

    def __init__(self, image_shape: tuple[int, int, int], width: int, patch: int) -> None:
        super().__init__()
        channels, height, side = image_shape
        self.embed = nn.Conv2d(channels, width, patch, patch)
        self.place = nn.Parameter(torch.empty((height // patch) * (side // patch), width))
        nn.init.normal_(self.place, std=0.02)

    def forward(self, x: Float[Tensor, "image channel height width"]) -> Float[Tensor, "image place feature"]:
        return self.embed(x).flatten(2).mT + self.place


class MeanOverPlaces(nn.Module):
    def forward(self, x: Float[Tensor, "image place feature"]) -> Float[Tensor, "image feature"]:
        return x.mean(1)


def vision_transformer(
    image_shape: tuple[int, int, int], classes: int, parameters: int, patch: int = 2, depth: int = 2, heads: int = 2
) -> nn.Sequential:
    """ViT (Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words") with a mean over places in place of the class
    token (Beyer et al. 2022, "Better plain ViT baselines"): patches of ``patch`` x ``patch`` pixels, ``depth`` of
    torch's encoder layers with norms first, GELU, ``heads`` heads and twice as many hidden units as features, a layer
    norm, and a linear layer. No dropout.

    Features are the multiple of ``heads`` that comes nearest to so many ``parameters``: at 1x8x8 and ten classes d
    features have 16 d^2 + 55 d + 10, which is 25,204 with d = 38. Maps (image, *image_shape) to (image, classes).
    Raises Refusal for images that patches do not tile, and for ``parameters`` that no width comes near to.
    """
    _, height, side = image_shape
    if height % patch or side % patch:
        raise Refusal(f"patches of {patch}x{patch} do not tile images of {height}x{side}")

    def build(width: int) -> nn.Sequential:
        features = heads * width
        layers = (
            nn.TransformerEncoderLayer(features, heads, 2 * features, 0.0, "gelu", batch_first=True, norm_first=True)
            for _ in range(depth)
        )
        return nn.Sequential(
            Patches(image_shape, features, patch),
            *layers,
            nn.LayerNorm(features),
            MeanOverPlaces(),
            nn.Linear(features, classes),
        )

    return build(nearest(build, parameters))
