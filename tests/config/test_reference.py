"""The page of all options is what the configuration is now, and no option lacks a meaning."""

from typing import Any

import pytest
from composing import composed

from rotelab.config import choices, reference, schema
from rotelab.config.schema import Config
from rotelab.data.options import Augmentation, ImageFolder
from rotelab.objectives import Objective, Schedule, Split, Standard, Target, Threshold
from rotelab.options import TARGETS, fields_of
from rotelab.training.options import Optimizer, Save, Stop, Trainer

KINDS = [kind for kind in dict.fromkeys(TARGETS.values()) if kind.__module__.endswith(".options")]
UNNAMED = (
    "_target_",
    "objective",
    "data",
    "model",
    "start",
    "optimizer",
    "aggregator",
    "stop",
    "save",
    "measure",
    "logger",
    "trainer",
)
"""What Hydra needs, and the groups, which the page has headings for."""


class Own(Split):
    """An objective that is no choice, as other tests have them."""


class OwnToo(Objective):
    """The same."""


def test_the_page_is_current() -> None:
    """Else: python -m rotelab.config.reference. Whatever was checked before, in the same process."""
    assert choices.CHECKOUT is not None
    schema.check(composed("model=custom", "model.target=own_classes.build", "model.options={depth:2}"))
    assert (choices.CHECKOUT / "docs" / "options.md").read_text() == reference.page()


@pytest.mark.parametrize(
    "kind", [*KINDS, Config, Stop, Save, Trainer, Augmentation, Standard, Threshold, Target, Schedule]
)
def test_every_option_has_a_meaning(kind: type) -> None:
    names = {field.name for field in fields_of(kind) if field.init} - {*UNNAMED, *getattr(kind, "parts", ())}
    assert names <= set(reference.meanings(kind))


@pytest.mark.parametrize(
    ("kind", "name", "rule"),
    [
        (Optimizer, "lr_decay", "in (0, 1]"),
        (ImageFolder, "storage", "one of auto, memory, stream"),
        (ImageFolder, "size", "greater than 0"),
        (Trainer, "workers", "in [0, 1024] processes"),
        (Config, "precision", "one of fp32, tf32, bf16"),
    ],
)
def test_a_range_is_what_the_check_asks(kind: type, name: str, rule: str) -> None:
    assert reference.rules(kind)[name] == rule


def test_every_choice_says_what_it_is() -> None:
    lines = [line for line in reference.page().splitlines() if line.startswith("- `")]
    assert len(lines) > 50
    assert not [line for line in lines if line.endswith(": ")]


@pytest.mark.parametrize(
    ("annotation", "words"),
    [(int | None, "whole number or null"), (list[float], "list: number"), (bool, "true or false"), (Any, "a group")],
)
def test_types_in_words(annotation: Any, words: str) -> None:
    assert reference._type(annotation) == words
