"""The sizes of the networks, which say that they are the paper's."""

from rotelab.claims.claim import Claim
from rotelab.claims.questions import parameters
from rotelab.claims.verdicts import Within
from rotelab.figures.networks import NAMES

SHAPE = (3, 28, 28)
"""Of the images that the paper's networks get."""

CLAIMS = [
    Claim(
        text=f"{NAMES[network]} has {count:,} parameters",
        where="Table 1",
        paper=f"{count:,}",
        recorded="arithmetic",
        quantity="parameters at 3x28x28, ten classes",
        rule=Within(float(count), float(count)),
        values=values,
    )
    for network, count, values in (
        ("inception", 1_649_402, parameters("small_inception", SHAPE)),
        ("inception_no_bn", 1_649_402, parameters("small_inception", SHAPE, batch_norm=False)),
        ("alexnet", 1_387_786, parameters("small_alexnet", SHAPE)),
        ("mlp_3x512", 1_735_178, parameters("mlp", SHAPE, widths=[512] * 3)),
        ("mlp_1x512", 1_209_866, parameters("mlp", SHAPE, widths=[512])),
    )
]
