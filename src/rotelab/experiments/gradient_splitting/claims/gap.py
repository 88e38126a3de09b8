"""Section 5: does the ratio of epochs tell a dataset that invites memorization?"""

from math import log2

import pandas

from rotelab.claims.claim import Claim, NotMeasured, Values
from rotelab.claims.verdicts import Above
from rotelab.experiments.gradient_splitting import gap


def _images_over_noise(table: pandas.DataFrame) -> Values:
    images, noise = (gap.ratios(table, inputs) for inputs in ("clean", "gaussian_blend"))
    both = images.merge(noise, on=["seed", "level"], suffixes=("_images", "_noise"))
    counts = both.groupby("level").seed.nunique()
    whole = counts[counts == table.seed.nunique()]
    if whole.empty:
        raise NotMeasured("no train accuracy that all seeds reached under both objectives, on images and on noise")
    at = both[both.level == whole.index.max()]  # as in steps and images: all sets are of one size
    return {f"at train accuracy {whole.index.max()}": (at.epochs_images / at.epochs_noise).map(log2)}


CLAIMS = [
    Claim(
        text="Epochs of (1) over epochs of (3) tell images from noise",
        where="section 5",
        paper="may be applied",
        quantity="log2 of that ratio on images over that on noise",
        rule=Above(0.0),
        values=_images_over_noise,
        sweep=("gap",),
    ),
]
