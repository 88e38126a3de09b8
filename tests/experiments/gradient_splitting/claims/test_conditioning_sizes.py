"""The verdicts on larger images, and more of them."""

from functools import partial

import asking
import pandas
import pytest
from conditioned import made as conditioned
from tables import together

from rotelab.claims.verdicts import DEPENDS, FAILS, HOLDS, NOT_MEASURED
from rotelab.experiments.gradient_splitting.claims import conditioning_sizes

ask, verdict = partial(asking.ask, conditioning_sizes.CLAIMS), partial(asking.verdict, conditioning_sizes.CLAIMS)
SIDES, SIZES = (8, 16, 32), (512, 1024)
MANY = "At every size memorizing takes many more epochs than plain training under good conditioning"
FEW = "... namely fewer than 5 times as many at every size"
PIXELS = "The larger the images, the more times as many epochs"
IMAGES = "The more images, the more times as many epochs"
BELOW = "At every size a network that memorized has a lower held-out accuracy than one trained plainly"


def made(first: int = 15, by_side: int = 1, by_size: int = 1, unseen: float = 0.2) -> pandas.DataFrame:
    """Eq. (1) takes ``first`` epochs, and so many times as many with each step of the side and of the number."""
    return together(
        *(
            conditioned(
                {"good": first * by_side**rank * by_size**place},
                unseen={"standard": 0.4, "split": unseen},
                seeds=(0, 1, 2, 3),
                of={"data.side": side, "data.size": size},
            )
            for rank, side in enumerate(SIDES)
            for place, size in enumerate(SIZES)
        )
    )


def test_how_much_longer_it_takes_at_every_size() -> None:
    assert (verdict(MANY, made(40)), verdict(FEW, made(40))) == (HOLDS, HOLDS)
    assert (verdict(MANY, made(10)), verdict(FEW, made(75))) == (FAILS, FAILS)
    assert verdict(MANY, made(12, by_side=2)) == DEPENDS
    never = ask(MANY, made(40, by_side=3))
    assert never.verdict == NOT_MEASURED and never.ours.startswith(
        "16x16, 512 images: both objectives came to 0.9 in 0"
    )


def test_larger_images_and_more_of_them() -> None:
    """Log2 of the ratio, but for what one more epoch with every seed makes of it."""
    assert verdict(PIXELS, made(by_side=2)) == HOLDS and verdict(IMAGES, made(by_side=2)) == FAILS
    assert ask(PIXELS, made(by_side=2)).intervals[""].mean == pytest.approx(1, abs=0.1)
    assert verdict(IMAGES, made(by_size=3)) == HOLDS and verdict(PIXELS, made(by_size=3)) == FAILS
    one = made().query("`data.side` == 8")
    assert ask(PIXELS, one).ours == "all runs have the same data.side"
    some = made().query("`data.side` == 8 or `data.size` == 512")
    assert ask(PIXELS, some).ours == "there is not every data.side with every data.size"


def test_what_is_known_of_images_that_nobody_unlearned() -> None:
    assert verdict(BELOW, made()) == HOLDS and verdict(BELOW, made(unseen=0.5)) == FAILS
