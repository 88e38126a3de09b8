"""The page of an audit, and the table beside it."""

import csv
import io
from dataclasses import replace

import pytest
from audited import COUNT, audit, curves
from reporting import HOSTILE

from rotelab.audit import memorization, table
from rotelab.audit.copies import Copies
from rotelab.claims.verdicts import Interval
from rotelab.report.audit import page
from rotelab.report.audited import memorization as told
from rotelab.report.audited import parts, suspects
from rotelab.report.audited.pictures import percent


def sentence(split: float, random: float) -> str:
    return told.sentence(memorization.times(curves(split, random), 1 / 3))


def test_the_page_has_every_section_and_no_markup_of_a_name() -> None:
    text = page(audit(), "Audit of <images>", f"rotelab audit {HOSTILE}")
    for title in ("In short", "Labels that deserve a look", "Train against test", "The map", "How this was made"):
        assert title in text
    assert HOSTILE not in text and "&lt;script&gt;" in text and "Audit of &lt;images&gt;" in text
    assert text.count("data:image/jpeg;base64,") > 48
    bare = sum(len(part) for part in text.split("data:image/jpeg;base64,"))
    assert len(text.encode()) < 1_000_000 and bare > 0


def test_the_page_of_images_without_a_test_part() -> None:
    assert "a fifth of each class was drawn" in page(audit(divided=True), "images", "")


def test_the_page_says_where_time_was_up() -> None:
    found = audit()
    assert "time was up" not in page(found, "images", "")
    hasty = replace(found, suspects=replace(found.suspects, epochs=12), curves=curves(0.001, 0.1))
    text = page(hasty, "images", "")
    assert "12 epochs each of 60: time was up" in text
    assert "3 had not learned all their images when they ended" in text


def test_what_is_said_of_memorization() -> None:
    assert sentence(0.05, 0.1).endswith("a network would rather generalize.")
    assert "2.0 times (1.9 to 2.0)" in sentence(0.05, 0.1)
    assert sentence(0.1, 0.03).endswith("even easier than with random labels.")
    assert "The ranges overlap" in sentence(0.1, 0.1)
    assert "more than" in sentence(0.001, 0.1)
    assert "Give it more minutes" in sentence(0.001, 0.001)
    assert told.sentence([]).startswith("Not known")


def test_the_sentence_is_of_a_level_that_took_some_epochs() -> None:
    """Of .33 + .1 an epoch, half of the way from chance takes three and a third, and less is too rough."""
    of = [time for time in memorization.times(curves(), 1 / 3) if (time.kind, time.unit) == ("images", "epochs")]
    found = told.headline(of)["images"]
    assert found == next(time for time in of if time.plain >= told.COARSE) != of[0]
    fast = curves()
    fast.loc[fast.objective == "standard", "value"] = fast.value.where(fast.epoch == 0, 0.99)
    assert told.headline(memorization.times(fast, 1 / 3))["images"].accuracy == pytest.approx(0.9259, abs=1e-3)


@pytest.mark.parametrize(
    ("interval", "said"),
    [(Interval(0.5, 0.4, 0.6, 90), "no difference"), (Interval(0.8, 0.7, 0.9, 90), "they differ"), (None, "too few")],
)
def test_what_is_said_of_the_parts(interval: Interval | None, said: str) -> None:
    assert said in parts.alike(audit(told_apart=interval))


def test_what_is_said_of_copies() -> None:
    assert parts.sentence(audit(copies=Copies([], COUNT))) == "No copies were found among the images."
    assert parts.sentence(audit()).startswith(
        "2 pairs of copies: 1 between train and test, with 4% of the test images: "
    )
    assert not parts.unlooked(audit())
    halfway = audit(copies=Copies([], COUNT // 2))
    assert "the neighbours of 60 of 120 images had been looked at, so that some 75% of" in page(halfway, "images", "")
    turned = replace(audit().images, parts=("test", "train"), part=1 - audit().images.part)
    assert parts.sentence(audit(images=turned)) == parts.sentence(audit())
    assert f"with {1 / int(turned.tested.sum()):.0%} of the test images" in parts.sentence(audit())


def test_how_far_to_trust_the_list_is_said_with_it() -> None:
    found = audit()
    assert "100% of those with any wrong class were among the 12 most suspicious" in suspects.trust(found)
    planted = replace(found.suspects.plantings[1])
    weak = replace(found.suspects, plantings=[planted, planted])
    assert "hardly better than chance" in suspects.trust(audit(suspects=weak))


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0 %"), (0.0002, "less than 0.1 %"), (0.0133, "1.3 %"), (0.5, "50 %")]
)
def test_a_share_in_words(share: float, words: str) -> None:
    assert percent(share) == words


def test_the_table_has_a_row_an_image() -> None:
    found = audit()
    rows = list(csv.DictReader(io.StringIO(table.text(found))))
    assert len(rows) == COUNT and tuple(rows[0]) == table.COLUMNS
    assert rows[0]["label"] == HOSTILE and rows[0]["split"] == "test" and rows[0]["copies"] == rows[4]["file"]
    most = max(rows, key=lambda row: float(row["suspicion"]))
    assert rows.index(most) == found.suspects.suspicion.argmax()
    assert rows[5]["properties"] == "nearly one colour|few colours"


def test_images_that_were_not_looked_at_have_empty_cells() -> None:
    found = audit()
    kept = found.suspects.numbers[:100]
    of = found.suspects
    drawn = replace(of.map, **{name: getattr(of.map, name)[:100] for name in vars(of.map)})
    cut = replace(of, numbers=kept, suspicion=of.suspicion[:100], outlook=of.outlook[:100], map=drawn)
    rows = list(csv.DictReader(io.StringIO(table.text(audit(suspects=cut)))))
    assert rows[99]["suspicion"] and not rows[100]["suspicion"]
