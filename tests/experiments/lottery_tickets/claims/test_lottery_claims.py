"""What is asked of tickets, of made-up tables."""

import pytest
from asking import Case, always, ask, check_bound, verdict
from ladders import memorizing, rewound, tickets

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments.lottery_tickets.claims import memorize, rewinding
from rotelab.experiments.lottery_tickets.claims import tickets as claims

CASES: dict[str, Case] = {
    "Tickets with a fifth of the weights are as accurate as the whole network": (
        lambda of: tickets({("ticket", 7): lambda seed: 0.9 + of(seed)}),
        0.0,
        -0.01,
    ),
    "... and learn faster than with weights drawn anew": (lambda of: tickets(slower=of), 8.0, 0.0),
    **{
        f"At a few per cent tickets are more accurate than {words}": (
            lambda of, arm=arm: tickets({(arm, 15): lambda seed: 0.9 - of(seed)}),
            0.1,
            0.0,
        )
        for arm, words in (
            ("reinitialized", "with weights drawn anew"),
            ("random_mask", "other masks of the same counts"),
            ("magnitude_at_start", "the greatest initial weights"),
        )
    },
}
OURS: dict[str, Case] = {
    "Tickets with a quarter of the weights memorize more easily than the whole network": (
        lambda of: memorizing({("ticket", 1): lambda seed: 0.5 + of(seed)}),
        0.1,
        -0.1,
    ),
    "Tickets with a sixteenth of the weights memorize more easily than the whole network": (
        lambda of: memorizing({("ticket", 2): lambda seed: 0.5 + of(seed)}),
        0.1,
        -0.1,
    ),
    "What plain training leaves memorizes more easily than other masks of the same counts": (
        lambda of: memorizing({("random_mask", 2): lambda seed: 0.5 - of(seed)}),
        0.1,
        -0.1,
    ),
    "Memorizing takes fewer times the epochs of plain training on tickets than on the whole network": (
        lambda of: memorizing(epochs={0: always(4), 1: lambda seed: 4 * 2 ** of(seed), 2: always(99)}),
        -1.0,
        1.0,
    ),
}


REWOUND: dict[str, Case] = {
    "A convolutional network's tickets are more accurate when they go back to an early epoch": (
        lambda of: rewound({("layer", 2): lambda seed: 0.9 + of(seed)}),
        0.05,
        0.0,
    ),
    "... and when all layers are pruned together": (
        lambda of: rewound({("global", 2): lambda seed: 0.9 + of(seed)}),
        0.05,
        0.0,
    ),
    "... so that they are as accurate as the whole network": (
        lambda of: rewound({("global", 2): lambda seed: 0.9 + of(seed)}),
        0.0,
        -0.01,
    ),
}


@pytest.mark.parametrize("text", CASES)
def test_of_tickets(text: str) -> None:
    check_bound(claims.CLAIMS, text, CASES[text])


@pytest.mark.parametrize("text", REWOUND)
def test_of_rewinding(text: str) -> None:
    check_bound(rewinding.CLAIMS, text, REWOUND[text])


@pytest.mark.parametrize("text", OURS)
def test_of_memorizing(text: str) -> None:
    check_bound(memorize.CLAIMS, text, OURS[text])


def test_the_ladder_is_the_papers() -> None:
    found = ask(claims.CLAIMS, "Fifteen rounds leave 3.6 % of LeNet-300-100", tickets())
    assert (found.verdict, round(found.intervals[""].mean, 3)) == (HOLDS, 3.583)


def test_without_an_arrival_there_is_no_speed() -> None:
    never = tickets({("reinitialized", 7): always(0.5)})
    assert verdict(claims.CLAIMS, "... and learn faster than with weights drawn anew", never) == NOT_MEASURED
    text = "Memorizing takes fewer times the epochs of plain training on tickets than on the whole network"
    assert verdict(memorize.CLAIMS, text, memorizing()) == NOT_MEASURED


@pytest.mark.parametrize(("deaths", "difference"), [((0, 1), 0.5), ((0,), 0.25), ((), 0.0)])
def test_the_share_of_tickets_that_die(deaths: tuple[int, ...], difference: float) -> None:
    found = ask(memorize.CLAIMS, "Tickets die more often under gradient splitting", memorizing(deaths=deaths))
    assert found.intervals[""].mean == difference
    assert found.verdict in (UNDECIDED, FAILS)
