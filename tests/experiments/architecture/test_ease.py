"""Whether architectures memorize easily, from made-up tables: the figure and the claims."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pandas
import pytest
from architectures import memorizing
from asking import Of, always, ask, check_bound, verdict
from drawn import label, ys

from rotelab.claims.verdicts import FAILS, HOLDS, NOT_MEASURED, UNDECIDED
from rotelab.experiments.architecture import ease
from rotelab.experiments.architecture.claims.ease import CLAIMS

CONVOLUTIONAL, LOCAL, FULL, TRANSFORMER = "convolutional", "locally_connected", "fully_connected", "vision_transformer"
MORE = "Convolutions take more epochs to memorize than to learn"
THAN_FULL = "... more times as many than fully connected layers"
THAN_LOCAL = "... and than local connections that share no weights"
LOCAL_THAN_FULL = "Local connections that share no weights take more times as many than fully connected layers"
PERMUTED = "A permutation of the pixels takes more of that off convolutions than off fully connected layers"
LONGER = "The better an architecture generalizes, the longer memorizing takes"
DIE = "Convolutions die more often under gradient splitting than fully connected layers"


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("text", "network", "arm", "base", "good"),
    [
        (THAN_FULL, CONVOLUTIONAL, "moved", 8, 1),
        (THAN_LOCAL, CONVOLUTIONAL, "moved", 8, 2),
        (LOCAL_THAN_FULL, LOCAL, "moved", 8, 1),
        (PERMUTED, CONVOLUTIONAL, "moved, permuted", 8, -1),
    ],
)
def test_doublings(text: str, network: str, arm: str, base: int, good: int) -> None:
    """Twice the epochs are one doubling; those of permuted images are taken off."""
    sign = -1 if text == PERMUTED else 1

    def table(value: Of) -> pandas.DataFrame:
        return memorizing({(network, arm): lambda seed: base * 2 ** (sign * value(seed))})

    check_bound(CLAIMS, text, (table, abs(good), -abs(good)))


def test_images_count_twice() -> None:
    found = ask(CLAIMS, MORE, memorizing({(CONVOLUTIONAL, "moved"): always(16)}))
    assert {unit: at.mean for unit, at in found.intervals.items()} == {"epochs": 2, "images": 3}
    assert found.verdict == HOLDS
    assert verdict(CLAIMS, MORE, memorizing({(CONVOLUTIONAL, "moved"): always(1)})) == FAILS


@pytest.mark.parametrize("text", [MORE, THAN_FULL, THAN_LOCAL, PERMUTED])
def test_what_never_came_there_is_not_measured(text: str) -> None:
    never = memorizing({(CONVOLUTIONAL, "moved"): lambda seed: 99 if seed else 8})
    found = ask(CLAIMS, text, never)
    assert (found.verdict, found.note) == (NOT_MEASURED, "convolutional, moved: 1 of 3 seeds came to 0.9 under both")
    assert verdict(CLAIMS, LONGER, never) != NOT_MEASURED, "three others can be ranked"


@pytest.mark.parametrize(("sign", "expected"), [(1, HOLDS), (-1, FAILS)])
def test_the_better_the_longer(sign: int, expected: str) -> None:
    names = (CONVOLUTIONAL, LOCAL, FULL, TRANSFORMER)
    times = {(name, arm.words): always(4 * 2**place) for place, name in enumerate(names) for arm in ease.KINDS}
    held = {name: 0.5 + sign * 0.1 * place for place, name in enumerate(names)}
    found = ask(CLAIMS, LONGER, memorizing(times, held))
    assert found.verdict == expected
    assert [at.mean for at in found.intervals.values()] == pytest.approx([sign])


def test_deaths() -> None:
    assert verdict(CLAIMS, DIE, memorizing(deaths={CONVOLUTIONAL: (*range(8),)}, seeds=(*range(8),))) == HOLDS
    assert verdict(CLAIMS, DIE, memorizing(deaths={FULL: (*range(8),)}, seeds=(*range(8),))) == FAILS
    assert verdict(CLAIMS, DIE, memorizing()) == UNDECIDED


def test_it_draws_epochs_times_and_deaths() -> None:
    long, times, deaths = ease.draw(
        memorizing({(FULL, "moved"): lambda seed: 16 if seed else 99}, deaths={LOCAL: (1,)})
    ).axes
    bars = [ys(line).item() for line in long.lines if line.get_marker() == "_"]
    assert bars[:4] == pytest.approx([4, 8, 4, 8])  # convolutional: Eq. (3) and (1), both kinds of images
    assert bars[8:12] == pytest.approx([4, 16, 4, 8])
    assert [len(ys(line)) for line in long.lines if line.get_marker() == "o"][8:12] == [3, 2, 3, 3]
    assert [ys(line).item() for line in times.lines if line.get_marker() == "_"][4:6] == pytest.approx([4, 2])
    shares = [ys(line).item() for line in deaths.lines if len(ys(line)) == 1 and label(line)[0] == "_"]
    assert shares == pytest.approx([0, 1 / 3, 0, 0])


def test_it_says_what_was_seen() -> None:
    first, *_ = ease.summary(memorizing(deaths={CONVOLUTIONAL: (0,)})).splitlines()
    assert first == (
        "convolutional: moved: standard 4 to 4 epochs (3 of 3 seeds), held out 0.500; split 8 to 8 epochs (3 of 3 "
        "seeds), held out 0.200; 2 to 2 times as many. moved, permuted: standard 4 to 4 epochs (3 of 3 seeds), held "
        "out 0.500; split 8 to 8 epochs (3 of 3 seeds), held out 0.200; 2 to 2 times as many. 2 of 6 dead"
    )


def test_it_refuses_when_runs_are_missing() -> None:
    with pytest.raises(ValueError, match=r"no finished run of network=convolutional.*objective=split"):
        ease.draw(memorizing().query("objective == 'standard'"))
