"""A run's name: the same for all that means the same, another for all that does not."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any

from composing import composed
from hypothesis import assume, given
from hypothesis import strategies as st

from rotelab.config import identity, schema

RANDOM = st.randoms(use_true_random=False)
CHOICES = st.sampled_from(
    [
        ("model=mlp",),
        ("model=convnet5", "data/labels=corrupted", "measure=[coherence,stability]"),
        ("objective=target", "optimizer=sgd", "data/inputs=chain", "data/inputs@data.inputs.first=gaussian"),
        (
            "data=cifar10",
            "data.folder=/nowhere",
            "aggregator.groups=4",
            "data/augmentation=random_crop",
            "data.crop=28",
        ),
    ]
)
SCALARS = st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
LEAVES = SCALARS | st.none() | st.booleans()


@cache
def plain(choices: tuple[str, ...]) -> dict[str, Any]:
    """A config as it is named, in plain values."""
    return schema.check(composed(*choices)).values


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value, of members of lists too."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield from leaves(value, (*path, key))
    if not isinstance(node, dict | list):
        yield path


def at(node: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        node = node[key]
    return node


def changed(config: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    made = deepcopy(config)
    at(made, path[:-1])[path[-1]] = value
    return made


def everywhere(node: Any, function: Callable[[Any], Any]) -> Any:
    """``function`` of every value and, after those in it, of every mapping and list."""
    if isinstance(node, dict):
        return function({key: everywhere(value, function) for key, value in node.items()})
    return function([everywhere(value, function) for value in node] if isinstance(node, list) else node)


def as_float(value: Any) -> Any:
    return float(value) if type(value) is int else value


def named(path: tuple[Any, ...]) -> bool:
    group, option, *_ = (*path, "")
    return group in identity.NAMED and not (group == "data" and option in identity.MACHINE)


@given(CHOICES, RANDOM)
def test_the_order_of_keys_does_not_matter(choices: tuple[str, ...], random: Random) -> None:
    def shuffled(node: Any) -> Any:
        return dict(random.sample(list(node.items()), len(node))) if isinstance(node, dict) else node

    config = plain(choices)
    assert identity.digest(everywhere(config, shuffled)) == identity.digest(config)
    assert identity.stack(everywhere(config, shuffled)) == identity.stack(config)


@given(CHOICES, RANDOM)
def test_a_whole_number_is_one_number_however_it_is_written(choices: tuple[str, ...], random: Random) -> None:
    """1 and 1.0; True stays what it is."""

    def written(node: Any) -> Any:
        whole = isinstance(node, int | float) and not isinstance(node, bool) and float(node).is_integer()
        return random.choice([int, float])(node) if whole else node

    config = plain(choices)
    assert identity.digest(everywhere(config, written)) == identity.digest(config)


@given(CHOICES)
def test_a_list_and_a_tuple_are_one_and_a_written_result_names_the_run_that_wrote_it(choices: tuple[str, ...]) -> None:
    config = plain(choices)
    tuples = everywhere(config, lambda node: tuple(map(as_float, node)) if isinstance(node, list) else node)
    for other in (tuples, json.loads(json.dumps(config))):
        assert identity.digest(other) == identity.digest(config)


@given(CHOICES, LEAVES, st.data())
def test_every_value_of_the_science_names_the_run(choices: tuple[str, ...], value: Any, data: st.DataObject) -> None:
    config = plain(choices)
    path = data.draw(st.sampled_from([path for path in leaves(config) if named(path)]))
    assume(json.dumps(identity._canonical(value)) != json.dumps(identity._canonical(at(config, path))))
    assume(isinstance(value, str) or path not in (("data", "_target_"), ("precision",)))
    assert identity.digest(changed(config, path, value)) != identity.digest(config)


@given(CHOICES, LEAVES, st.data())
def test_no_other_value_does(choices: tuple[str, ...], value: Any, data: st.DataObject) -> None:
    config = plain(choices)
    path = data.draw(st.sampled_from([path for path in leaves(config) if not named(path)]))
    assert identity.digest(changed(config, path, value)) == identity.digest(config)


@given(CHOICES, st.sampled_from([*identity.LATER]))
def test_runs_of_before_an_option_keep_their_names(choices: tuple[str, ...], later: tuple[str, str]) -> None:
    group, option = later
    config = changed(plain(choices), later, identity.LATER[later])
    without = deepcopy(config)
    del without[group][option]
    assert identity.digest(without) == identity.digest(config)
    assert identity.digest(changed(config, later, "another")) != identity.digest(config)


@given(st.dictionaries(st.sampled_from(["seed", "model.width", "objective.k"]), st.lists(SCALARS, min_size=1)), RANDOM)
def test_a_sweep_is_named_by_its_values_in_any_order_and_spelling(varied: dict[str, list[Any]], random: Random) -> None:
    shuffled = {key: random.sample(varied[key], len(varied[key])) for key in random.sample([*varied], len(varied))}
    texts = {key: list(map(str, values)) for key, values in varied.items()}
    expected = identity.overrides_digest(varied)
    assert identity.overrides_digest(shuffled) == identity.overrides_digest(texts) == expected
    observed = {"trainer.threads": [2], "results": ["/elsewhere"], "logger": ["wandb"]}
    assert identity.overrides_digest(varied | observed) == expected
    assert identity.overrides_digest(varied | {"stop.max_epochs": [3]}) != expected
