"""--help has every choice, and each option of what is given with its value and its meaning."""

import pytest

from rotelab.config import choices, help

GIVEN = [
    *("objective=threshold", "objective=target", "objective=split_then_standard", "data=image_folder", "model=custom"),
    *("data/inputs=gaussian_blend", "data/labels=corrupted", "measure=[coherence,stability]", "logger=wandb"),
    *("optimizer=custom", "aggregator=rolling_median", "trainer=gpu"),
]


@pytest.mark.parametrize("given", GIVEN)
def test_every_option_has_its_meaning(given: str) -> None:
    """What may follow in the next line begins beyond the name of any option."""
    shown = help.page([given]).partition("options, as they are chosen here:\n")[2].splitlines()
    names = [line for line in shown if line.startswith("  ") and line[2] != " "]
    assert len(names) > 30
    for line, after in zip(shown, [*shown[1:], ""], strict=True):
        if line in names:
            assert len(line.split(maxsplit=1)) == 2 or after.startswith(" " * help.COLUMN), line


def test_every_choice_is_there() -> None:
    words = help.page([]).replace(",", " ").split()
    assert {name for group in choices.groups() for name in choices.of(group)} <= set(words)


def test_values_are_those_that_were_given() -> None:
    page = help.page(["data.size=77", "data=image_folder"])
    assert "data.size=77" in page and "data.split.train=train[:77]" in page and "data.folder=???" in page


def test_no_line_is_wider_than_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = [line for line in help.page([]).splitlines() if "results=" not in line]
    assert max(map(len, lines)) <= 80


def test_a_wrong_key_is_said() -> None:
    with pytest.raises(Exception, match="sice"):
        help.page(["data.sice=3"])
