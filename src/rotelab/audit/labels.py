"""Networks that learn one half of the images each and hold the other out, labels planted wrong among both: two a seed,
so that every image is learned by one and held out by the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy
from jaxtyping import Bool, Float, Float32, Int64
from torch import Tensor

from rotelab.audit.halves import swapped
from rotelab.audit.outlook import Outlook
from rotelab.audit.stack import Ended
from rotelab.data.sizes import batch_of
from rotelab.data.tensors import TensorData
from rotelab.errors import RunError
from rotelab.measures.examples import Examples
from rotelab.objectives import Standard
from rotelab.randomness import stream
from rotelab.training.recipe import Recipe

SPLITS = ("train", "pseudo_test")
"""Of the half that a network learns, and of the other, which it neither learns nor unlearns."""


@dataclass(frozen=True)
class Looks:
    """Of each image the probability of its label after each epoch, and that label's logit over the greatest other one,
    where it was learned and where it was held out, means over seeds; and its ``outlook``, the probabilities of all
    classes where it was held out."""

    learned: Float[numpy.ndarray, "epoch image"]
    learned_margin: Float[numpy.ndarray, "epoch image"]
    held_out: Float[numpy.ndarray, "epoch image"]
    held_out_margin: Float[numpy.ndarray, "epoch image"]
    outlook: Float[numpy.ndarray, "image class"]

    @property
    def says(self) -> Int64[numpy.ndarray, " image"]:
        """What networks that have not learned an image take it for."""
        return self.outlook.argmax(axis=1)


def _halves(stratified: Int64[Tensor, " image"], seed: int) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    first, second = swapped(stratified, stream("halves of an audit", seed))
    return (first, second), (second, first)


def recipes(
    base: Recipe,
    inputs: Float32[Tensor, "image ..."],
    stratified: Int64[Tensor, " image"],
    labels: Int64[Tensor, " image"],
    seeds: Sequence[int],
    epochs: int,
) -> dict[str, Recipe]:
    """Two a seed, with their halves swapped. Those are drawn by what is ``stratified``, the labels as they came: they
    are the same in every planting."""
    made = {}
    for seed in seeds:
        for side, halves in enumerate(_halves(stratified, seed)):
            given = {split: (inputs[half], labels[half]) for split, half in zip(SPLITS, halves, strict=True)}
            made[_name(seed, side)] = replace(
                base,
                objective=Standard(),
                data=partial(TensorData, given, batch_of(len(halves[0])), "reshuffled", seed),
                stop_accuracy=None,
                dead_epochs=None,
                max_epochs=epochs,
                seed=2 * seed + side,
                measures=[Examples(SPLITS), Outlook(SPLITS[1:])],
            )
    return made


def looks(ended: Mapping[str, Ended], stratified: Int64[Tensor, " image"], seeds: Sequence[int]) -> Looks:
    """What the networks of ``recipes`` have left, image by image. Raises RunError where one has not come to its end."""
    names = {_name(seed, side) for seed in seeds for side in range(2)}
    if names - ended.keys():
        raise RunError("a network of the audit has failed: its loss was no number")
    epochs = min(int(network.about["epochs"]) for network in ended.values())
    found = {f"{split}/{what}": numpy.zeros((epochs, len(stratified))) for split in SPLITS for what in _READ}
    outlook = numpy.zeros((len(stratified), next(iter(ended.values())).arrays[f"outlook/{SPLITS[1]}"].shape[1]))
    for seed in seeds:
        for side, halves in enumerate(_halves(stratified, seed)):
            left = ended[_name(seed, side)].arrays
            for split, half in zip(SPLITS, halves, strict=True):
                for what, read in _READ.items():
                    found[f"{split}/{what}"][:, half.numpy()] += read(left[f"examples/{split}/{what}"][1 : epochs + 1])
            outlook[halves[1].numpy()] += left[f"outlook/{SPLITS[1]}"]
    means = (found[f"{split}/{what}"] / len(seeds) for split in SPLITS for what in _READ)
    return Looks(*means, outlook / len(seeds))


def merged(found: Sequence[tuple[Looks, Bool[numpy.ndarray, " image"]]]) -> Looks:
    """The mean of several looks, of each image over those in which it counts; as many epochs as all of them have."""
    epochs = min(len(looks.learned) for looks, _ in found)
    times = sum(counts.astype(float) for _, counts in found)

    def mean(of_epochs: str) -> Float[numpy.ndarray, "epoch image"]:
        values = (numpy.where(counts, getattr(looks, of_epochs)[:epochs], 0.0) for looks, counts in found)
        return numpy.asarray(sum(values) / times)

    outlook = sum(numpy.where(counts[:, None], looks.outlook, 0.0) for looks, counts in found)
    names = ("learned", "learned_margin", "held_out", "held_out_margin")
    return Looks(*map(mean, names), outlook / numpy.asarray(times)[:, None])


def _name(seed: int, side: int) -> str:
    return f"seed{seed}-half{side}"


_READ = {"loss": lambda losses: numpy.exp(-losses), "margin": lambda margins: margins}
