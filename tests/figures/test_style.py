"""Captions: what a figure shows, and below it the settings, in lines that end between two items."""

from collections.abc import Iterator, Sequence

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from rotelab.figures import style

SHOWS = "Figure 1: accuracies under plain training and gradient splitting, and the epochs that each level takes."
NOTE = ("3 seeds", "single runs thin, their mean thick", "band from the least to the greatest")
ITEMS = (
    'Badger, "Why Deep Learning Generalizes"',
    "gradient_splitting_fig1-small",
    "photographs of dogs and of cats, as they come from the camera, without any selection",
    *("train train[:1280]", "pseudo-test train[1280:2560]", "held-out test[:1280]", "16x16 pixels", "standardized"),
    *("mlp", "widths [512, 512]", "softmax", "Adam lr 0.0003", "batch 128", "WWWWWWWW MMMMMMMM WWWWWWWW MMMMMMMM"),
)


@pytest.fixture(params=[4.5, 6.0, 9.0, 15.0])
def figure(request: pytest.FixtureRequest) -> Iterator[Figure]:
    made, _ = style.axes(1, width=request.param)
    yield made
    plt.close(made)


def lines(figure: Figure) -> list[str]:
    """Below the panels."""
    return figure.get_supxlabel().splitlines()


def check_it_fits(figure: Figure) -> None:
    figure.canvas.draw()
    panel = figure.axes[0].get_tightbbox()
    assert panel is not None
    above, below = (text.get_window_extent() for text in figure.texts)
    assert all(figure.bbox.x0 <= text.x0 and text.x1 <= figure.bbox.x1 for text in (above, below))
    assert figure.bbox.y0 <= below.y0 < below.y1 <= panel.y0 < panel.y1 <= above.y0 < above.y1 <= figure.bbox.y1


@pytest.mark.parametrize("items", [ITEMS[:1], ITEMS, ITEMS * 3], ids=["one", "many", "very many"])
def test_no_item_is_broken_and_none_is_lost(figure: Figure, items: Sequence[str]) -> None:
    style.caption(figure, SHOWS, NOTE, items)
    found = [item for line in lines(figure) for item in line.split(" · ")]
    assert found == [*NOTE, *items]
    check_it_fits(figure)


def test_what_it_shows_comes_first_and_larger(figure: Figure) -> None:
    style.caption(figure, SHOWS, NOTE, ITEMS)
    assert " ".join(figure.get_suptitle().split()) == SHOWS
    above, below = figure.texts
    assert float(above.get_fontsize()) > float(below.get_fontsize())
    assert lines(figure)[0].startswith("3 seeds")


def test_each_list_begins_a_line() -> None:
    figure, _ = style.axes(1, width=15.0)
    style.caption(figure, SHOWS, ["short"], ["as well"])
    assert lines(figure) == ["short", "as well"]
    plt.close(figure)


def test_an_item_wider_than_a_line_ends_lines_between_its_words(figure: Figure) -> None:
    long = " ".join(["a very long name of a data set"] * 12)
    style.caption(figure, long, ["before", long, "after"])
    assert " ".join(lines(figure)).replace(" · ", " ") == f"before {long} after"
    assert " ".join(figure.get_suptitle().split()) == long
    check_it_fits(figure)


def test_a_word_wider_than_a_line_is_seen_whole() -> None:
    figure, _ = style.axes(1, width=4.5)
    style.caption(figure, "W" * 200, ["/a/folder" * 40])
    assert "".join(lines(figure)) == "/a/folder" * 40
    assert "".join(figure.get_suptitle().split()) == "W" * 200
    check_it_fits(figure)
    plt.close(figure)


def test_a_dollar_is_no_formula(figure: Figure) -> None:
    style.caption(figure, "costs $5 and $x_{", ["costs $5 and $x_{"])
    figure.canvas.draw()
    assert figure.get_suptitle() == figure.get_supxlabel() == r"costs \$5 and \$x_{"
    plt.close(figure)


def test_without_settings_there_is_no_text_below(figure: Figure) -> None:
    style.caption(figure, SHOWS)
    assert figure.get_supxlabel() == ""
