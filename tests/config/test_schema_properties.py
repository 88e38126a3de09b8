"""Options round trip: what was checked is checked again to the same, and what is written is read as what was meant."""

import json
from collections.abc import Mapping
from typing import Any

from composing import composed
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from rotelab.config import arguments, identity, schema

CHOSEN = ("model=mlp", "objective=target", "optimizer=sgd", "data/labels=corrupted", "measure=coherence")
UNIT = st.floats(0, 1)
POSITIVE = st.integers(1, 10**6)
OPTIONS = {
    "seed": st.integers(0, 2**63 - 1),
    "precision": st.sampled_from(["fp32", "tf32", "bf16"]),
    "objective.l": st.floats(0, 0.5),
    "objective.u": st.floats(0.5, 1),
    "model.widths": st.lists(POSITIVE, min_size=1, max_size=3),
    "model.softmax": st.booleans(),
    "optimizer.lr": st.floats(1e-300, 1e30),
    "optimizer.momentum": st.floats(0, 1, exclude_max=True),
    "data.labels.fraction": UNIT,
    "data.labels.splits": st.lists(st.sampled_from(["train", "pseudo_test", "held_out"]), unique=True),
    "data.crop": st.none() | st.integers(1, 4096),
    "data.batch_size": POSITIVE,
    "stop.train_accuracy": st.none() | UNIT,
    "stop.train_loss": st.none() | st.floats(1e-6, 10),
    "stop.max_epochs": POSITIVE,
    "trainer.log_every": st.none() | st.floats(1e-3, 1e6),
    "measure.coherence.images": POSITIVE,
}
"""Some of every type, over the whole of their ranges."""
BASE = composed(*CHOSEN)
CONFIGS = st.fixed_dictionaries({}, optional=OPTIONS)
# Without a surrogate, which no command line can hold, and without what is written with a backslash.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\\", exclude_categories=["Cc"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.from_regex(r"[a-z_]{1,5}", fullmatch=True), inner),
    max_leaves=4,
)


def text(value: Any) -> str:
    """As a person writes it on the command line."""
    if isinstance(value, str):
        return "'" + value.replace("'", "\\'") + "'"
    if isinstance(value, list):
        return f"[{','.join(map(text, value))}]"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{text(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value).replace("Infinity", "inf")


def whole(value: Any) -> Any:
    """1.0 as 1, which is as good."""
    return int(value) if isinstance(value, float) and value.is_integer() and value < 1e15 else value


def same(a: Any, b: Any) -> bool:
    """Of the same value and type, members of lists too."""
    return (repr(a), type(a)) == (repr(b), type(b))


@given(CONFIGS)
@settings(max_examples=15)  # each of them composes a config
def test_what_is_written_is_what_is_checked(chosen: dict[str, Any]) -> None:
    written = (f"{key}={text(whole(chosen[key]))}" for key in chosen)
    values = OmegaConf.create(schema.check(composed(*CHOSEN, *written)).values)
    for key, value in chosen.items():
        found = OmegaConf.select(values, key)
        assert same(OmegaConf.to_container(found) if OmegaConf.is_config(found) else found, value), key


@given(CONFIGS)
@settings(max_examples=25)
def test_checked_values_are_checked_to_themselves(chosen: dict[str, Any]) -> None:
    """Once more, and from the file of a result."""
    config = BASE.copy()
    for key, value in chosen.items():
        OmegaConf.update(config, key, value, merge=False)
    values = schema.check(config).values
    for again in (values, json.loads(json.dumps(values))):
        found = schema.check(OmegaConf.create(again)).values
        assert same(found, values)
        assert identity.digest(found) == identity.digest(values)
        assert identity.stack(found) == identity.stack(values)


@given(VALUES)
def test_a_value_on_the_command_line_reads_back_as_itself(value: Any) -> None:
    (found,) = arguments._values(arguments.override(f"results={text(value)}"))
    assert same(found, value)


@given(st.lists(st.integers() | st.floats(allow_nan=False) | TEXT, min_size=2, max_size=4))
def test_a_sweep_on_the_command_line_reads_back_as_its_values(values: list[Any]) -> None:
    found = arguments._values(arguments.override(f"results={','.join(map(text, values))}"))
    assert same(found, values)


@given(st.integers(-50, 50), st.integers(1, 50), st.integers(1, 9))
def test_a_range_is_its_values(start: int, length: int, step: int) -> None:
    found = arguments._values(arguments.override(f"seed=range({start},{start + length},{step})"))
    assert list(map(int, found)) == list(range(start, start + length, step))
