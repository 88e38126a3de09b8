"""What the command line of an audit stands for. No torch here."""

from collections.abc import Sequence
from pathlib import Path

from rotelab.config import arguments, choices
from rotelab.config.compose import compose
from rotelab.config.schema import Config
from rotelab.data import layouts
from rotelab.errors import InputError

SIDE = 32
"""Pixels of a side to which images are resized, unless data.side says another number."""
OWN_SIDE = ("digits",)
"""Sets whose images are smaller."""


def data(images: str) -> list[str]:
    """The options that stand for a folder or file of images, or for a set by its name: ``digits``, ``cifar10``."""
    if not Path(images).expanduser().exists() and images in choices.of("data"):
        chosen = [f"data={images}"]
    else:
        source = layouts.found(Path(images).expanduser())
        chosen = arguments.images(["--images", images])
        if "on_bad_image" in choices.options("data", source):
            chosen.append("data.on_bad_image=skip")
    return chosen if images in OWN_SIDE else [*chosen, f"data.side={SIDE}"]


def configs(images: str, model: str, overrides: Sequence[str]) -> tuple[Config, Config]:
    """Of networks that look for wrong labels, and of those that memorize. Raises InputError for what can't be used."""
    given = {text.partition("=")[0] for text in overrides}
    if refused := sorted(
        key for key in given if key.partition(".")[0] not in ("model", "optimizer", "trainer", "data", "results")
    ):
        raise InputError(f"{refused[0]}: an audit takes options of model, optimizer, trainer and data, and results")
    chosen = [text for text in data(images) if text.partition("=")[0] not in given]
    common = [*chosen, f"model={model}", *overrides]
    plain = [] if "model.softmax" in given else ["model.softmax=false"]
    return compose(*common, *plain), compose(*common, "conditioning=good")
