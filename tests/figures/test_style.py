"""Captions: what a figure shows, and below it the settings, in lines that end between two items."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import drawn
import matplotlib.pyplot as plt
import numpy
import pandas
import pytest
from matplotlib.figure import Figure
from PIL import Image

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


def several(seeds: int) -> pandas.DataFrame:
    return pandas.DataFrame(
        {
            "run": [f"r{seed}" for seed in range(seeds) for _ in range(3)],
            "epoch": [0, 1, 2] * seeds,
            "value": [0.1 * seed + epoch for seed in range(seeds) for epoch in range(3)],
            "seed": [seed for seed in range(seeds) for _ in range(3)],
            "dead_since": float("nan"),
        }
    )


@pytest.mark.parametrize("seeds", [1, 3])
def test_one_seed_is_a_line_and_no_band(seeds: int) -> None:
    _, (panel,) = style.axes(1)
    style.seeds(panel, several(seeds), "epoch", "k", "-", "train")
    assert (len(panel.lines), len(panel.collections)) == ((1, 0) if seeds == 1 else (4, 1))
    note = " ".join(style.seeds_note(several(seeds)))
    assert ("band" in note) == (seeds > 1) and note.startswith("one seed" if seeds == 1 else "3 seeds")


@pytest.mark.parametrize("alike", [True, False])
def test_a_legend_that_panels_share_stands_once_and_covers_nothing(alike: bool) -> None:
    figure, panels = style.axes(2)
    for number, panel in enumerate(panels):
        for label, color in (("images", "black"), ("noise", "red" if alike or not number else "blue")):
            panel.plot([0, 1], [0, 1], color=color, label=label)
        if number:
            panel.plot([0, 1], [1, 0], "--", color="green", label="words")
        panel.set_xlabel("epochs")
        style.legend_below(panel)
    style.caption(figure, "What is shown.", ["data", "network"], ["3 seeds"])
    own = [panel.get_legend() for panel in panels]
    assert (len(figure.legends), own.count(None)) == ((1, 2) if alike else (0, 0))
    if alike:
        assert [text.get_text() for text in figure.legends[0].get_texts()] == ["images", "noise", "words"]
    figure.canvas.draw()
    for legend in figure.legends:
        box = legend.get_window_extent()
        others = [figure._supxlabel, *(panel.xaxis.label for panel in panels)]  # ty: ignore[missing-attribute]
        words = [text for text in others if text.get_text().strip()]
        extents = [text.get_window_extent() for text in words]
        assert box.y1 <= min(extent.y0 for extent in extents[1:])
        lines = figure._supxlabel.get_text().count("\n") + 1  # ty: ignore[missing-attribute]
        below = [line for line in figure._supxlabel.get_text().split("\n") if line]  # ty: ignore[missing-attribute]
        assert box.y0 >= extents[0].y0 + extents[0].height * len(below) / lines - 2


def test_what_a_panel_shows_never_touches_its_letter() -> None:
    figure, panels = style.axes(3)
    for panel in panels:
        panel.plot([0.0, 1.0])
        panel.set_title("of the train labels a fraction of 0.5 is drawn at random, anew for every seed", fontsize=7)
    style.caption(figure, "What is shown.")
    figure.canvas.draw()
    for panel, after in zip(panels, [*panels[1:], None], strict=True):
        (text,) = panel.texts
        letter, words = panel._left_title.get_window_extent(), text.get_window_extent()  # ty: ignore[missing-attribute]
        assert panel.get_title() == "" and words.x0 > letter.x1
        if after is not None:
            assert words.x1 < after._left_title.get_window_extent().x0  # ty: ignore[missing-attribute]


@pytest.mark.parametrize(("scale", "last"), [("linear", 4), ("log", 2000)])
def test_ticks_are_whole_numbers(scale: str, last: int) -> None:
    figure, (panel,) = style.axes(1)
    panel.plot([1, last], [0, 1])
    panel.set(xscale=scale, xlim=(1, last))
    style.counted(panel)
    figure.canvas.draw()
    words = [tick.get_text() for tick in panel.get_xticklabels() if tick.get_text()]
    assert len(words) > 2 and all(word.replace(",", "").isdigit() for word in words)


@pytest.mark.parametrize("value", [0.1, 1 / 3, None])
def test_chance_is_a_dotted_line_with_its_word_beside_the_panel(value: float | None) -> None:
    figure, (panel,) = style.axes(1)
    panel.plot([0, 1], [0, 1])
    style.chance(panel, value)
    assert drawn.chance(panel) == ([] if value is None else [value])
    figure.canvas.draw()
    for text in panel.texts:
        assert text.get_window_extent().x0 >= panel.get_window_extent().x1
        assert text.get_window_extent().x1 <= figure.bbox.x1


@pytest.mark.parametrize("least, most", [(2.2, 2.9), (0.3, 4), (3, 90), (0.02, 0.8)])
def test_a_short_logarithmic_axis_has_round_ticks_that_do_not_touch(least: float, most: float) -> None:
    figure, panels = style.axes(4, width=9.0)
    for panel in panels:
        panel.plot([least, most], [least, most])
        panel.set(xscale="log", yscale="log")
    style.caption(figure, "What is shown.")
    figure.canvas.draw()
    for axis in (axis for panel in panels for axis in (panel.xaxis, panel.yaxis)):
        low, high = sorted(axis.get_view_interval())
        shown = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
        assert 2 <= len(shown) <= 8 and not any("^" in tick.label1.get_text() for tick in shown)
        boxes = [tick.label1.get_window_extent() for tick in shown]
        assert not any(first.overlaps(second) for first, second in pairwise(boxes))


def test_a_single_panel_has_no_letter() -> None:
    assert [panel.get_title("left") for panel in style.axes(1)[1]] == [""]
    assert [panel.get_title("left") for panel in style.axes(2)[1]] == ["(a)", "(b)"]


def test_a_picture_has_few_colours_unless_there_are_images_in_it(tmp_path: Path) -> None:
    shades = numpy.linspace(0, 1, 3 * 64 * 64).reshape(64, 64, 3)
    for name in ("lines", "images"):
        figure, (panel,) = style.axes(1)
        panel.plot([0, 1], [0, 1], color=style.MEMORIZE, linewidth=4)
        if name == "images":
            panel.imshow(shades, extent=(0, 1, 0, 1))
        path = style.save(figure, tmp_path, name, ["png"])[0]
        with Image.open(path) as found:
            colours = numpy.unique(numpy.asarray(found.convert("RGB")).reshape(-1, 3), axis=0).tolist()
            assert (len(colours) <= 256) == (name == "lines")
            assert found.info["dpi"] == pytest.approx((150, 150), abs=0.1)
        assert tuple(int(style.MEMORIZE[at : at + 2], 16) for at in (1, 3, 5)) in map(tuple, colours)


@pytest.mark.parametrize("top", [0.5, 0.53, 0.73])
def test_ticks_that_grow_wider_as_panels_shrink_cut_no_words_off(top: float) -> None:
    figure, (panel, _) = style.axes(2)
    for name in "abcd":
        panel.plot([0, 1], [0.344, top], label=name)
    panel.set(xlabel="x", ylabel="held-out accuracy")
    style.legend_below(panel)
    style.caption(figure, SHOWS, ["a"], ["b"], ["c"])
    assert drawn.touching(figure) == []
    plt.close(figure)


@pytest.mark.parametrize(("at", "found"), [((0.5, 0.5), []), ((0, 0.5), ["an axis"]), ((0.5, 0), ["an axis"])])
def test_words_that_an_axis_goes_through_are_found(at: tuple[float, float], found: list[str]) -> None:
    figure, (panel,) = style.axes(1)
    panel.set(xticks=[], yticks=[])
    panel.text(*at, "words", ha="center", va="center", transform=panel.transAxes)
    assert [where for _, where in drawn.touching(figure)] == found
    plt.close(figure)


def test_a_panel_without_anything_says_so() -> None:
    """Lines across it are nothing, and neither are dots of no run."""
    made, (bare, full, dotted) = style.axes(3)
    for panel in (bare, full, dotted):
        panel.axhline(0.5)
        panel.plot([1.0], [numpy.nan])
        panel.scatter([], [], label="no run")
    full.plot([1.0, 2.0], [0.1, 0.2])
    dotted.scatter([1.0], [0.1])
    style.caption(made, SHOWS, ITEMS)
    assert [[text.get_text() for text in panel.texts] for panel in (bare, full, dotted)] == [
        ["nothing to show"],
        [],
        [],
    ]
