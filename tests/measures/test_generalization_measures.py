"""All measures together: their names, what leaves them alone, and what is said where one can't be."""

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from math import log

import pytest
import torch
from torch import Tensor, nn

import rotelab.measures
from rotelab.errors import Notice, Refusal
from rotelab.measures.generalization_measures import FURTHER, KINDS, UNSCALED, found, generalization, rescaled
from rotelab.measures.sharpness import Trial
from rotelab.measures.subject import Subject
from rotelab.models.convnet5 import convnet5
from rotelab.models.mlp import mlp
from rotelab.models.resnet18 import resnet18
from rotelab.models.small_inception import small_inception

SPECTRA = {
    *("log_prod_of_spec", "log_prod_of_spec_over_margin", "log_spec_init_main", "fro_over_spec", "log_spec_orig_main"),
    *("log_sum_of_spec_over_margin", "log_sum_of_spec", "dist_spec_init"),
}
NAMES = SPECTRA | {f"{name}_fft" for name in SPECTRA}
NAMES |= {
    *("params", "inverse_margin", "log_prod_of_fro", "log_prod_of_fro_over_margin", "log_sum_of_fro_over_margin"),
    *("log_sum_of_fro", "fro_dist", "param_norm", "path_norm", "path_norm_over_margin", "l2", "l2_dist"),
    *("pacbayes_init", "pacbayes_orig", "pacbayes_flatness"),
    *("pacbayes_mag_init", "pacbayes_mag_orig", "pacbayes_mag_flatness"),
}

pytestmark = pytest.mark.filterwarnings("ignore::rotelab.errors.Notice")

Built = tuple[nn.Module, nn.Module, Tensor, Tensor]


def built(build: Callable[..., nn.Module], images: int = 60) -> Built:
    """A network that has moved from its start, the start, and images whose labels are what it says."""
    torch.manual_seed(0)
    network = build((3, 8, 8), 4)
    initial = deepcopy(network)
    for parameter in network.parameters():
        parameter.data += 0.3 * parameter.data.std().nan_to_num(0.1) * torch.randn_like(parameter)
    given = torch.randn(images, 3, 8, 8)
    with torch.no_grad():
        labels = deepcopy(network).eval()(given).argmax(dim=1)
    return network, initial, given, labels


def values(of: Built) -> dict[str, float]:
    return generalization(*of, draws=4)


@pytest.fixture(scope="module")
def of_mlp() -> tuple[Built, dict[str, float]]:
    of = built(partial(mlp, widths=[12, 8]))
    return of, values(of)


HOUSE = {
    "convnet5": partial(convnet5, width=0.05),
    "resnet18": partial(resnet18, width=0.05),
    "small_inception": partial(small_inception, width=0.1),
}


def test_the_names(of_mlp: tuple[Built, dict[str, float]]) -> None:
    assert set(of_mlp[1]) == NAMES | UNSCALED | FURTHER
    assert len(NAMES) == 34 and len(UNSCALED) == 14 and len(FURTHER) == 14


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(build, id=name, marks=() if name == "convnet5" else pytest.mark.slow)
        for name, build in HOUSE.items()
    ],
)
def test_networks_of_the_house(build: Callable[..., nn.Module]) -> None:
    of = built(build, images=20)
    measured = found(Subject(*of, trial=Trial(1, least=10)))
    assert set(measured.values) == NAMES | UNSCALED | FURTHER and not measured.left_out
    assert set(measured.seconds) == set(KINDS)


def test_from_a_notebook(of_mlp: tuple[Built, dict[str, float]]) -> None:
    of, expected = of_mlp
    assert rotelab.measures.generalization(*of, draws=4) == expected


def test_nothing_changes(of_mlp: tuple[Built, dict[str, float]]) -> None:
    of, expected = of_mlp
    before, random = deepcopy([network.state_dict() for network in of[:2]]), torch.get_rng_state()
    of[0].train()
    assert values(of) == expected
    assert of[0].training and torch.equal(torch.get_rng_state(), random)
    for network, state in zip(of[:2], before, strict=True):
        for name, value in network.state_dict().items():
            assert torch.equal(value, state[name]) and all(p.grad is None for p in network.parameters())


def linear(network: nn.Module) -> list[nn.Linear]:
    return [layer for layer in network.modules() if isinstance(layer, nn.Linear)]


def test_permuting_units_changes_nothing(of_mlp: tuple[Built, dict[str, float]]) -> None:
    (network, initial, images, labels), before = of_mlp
    order = torch.randperm(12, generator=torch.Generator().manual_seed(0))
    both = deepcopy((network, initial))
    for permuted in both:
        first, second, _ = linear(permuted)
        first.weight.data, first.bias.data = first.weight[order].detach(), first.bias[order].detach()
        second.weight.data = second.weight[:, order].detach()
    after = values((*both, images, labels))
    drawn = ("pacbayes", "hessian", "parameter_radius_median", "parameter_radius_worst")
    noisy = {name for name in before if name.startswith(drawn)} - {"hessian_trace"}  # other draws of the same noise
    for name in before.keys() - noisy - {"hessian_trace"}:  # eight draws tell its size alone
        assert after[name] == pytest.approx(before[name], rel=1e-5), name
    for name in noisy:
        assert after[name] == pytest.approx(before[name], rel=1.5), name


def scaled(network: nn.Module, a: float) -> nn.Module:
    """A copy with a times the first layer and 1 / a times the second."""
    copy = deepcopy(network)
    first, second, _ = linear(copy)
    first.weight.data *= a
    first.bias.data *= a
    second.weight.data /= a
    return copy


def test_rescaling_two_layers(of_mlp: tuple[Built, dict[str, float]]) -> None:
    """a and 1/a: the same function of a ReLU network. Products of norms, path norms and margins stay; sums change as
    they must."""
    (network, _, images, labels), _ = of_mlp
    a, both = 3.0, (deepcopy(network), scaled(network, 3.0))
    first, second, third = linear(both[1])
    before, after = (values((changed, network, images, labels)) for changed in both)
    same = {
        *("inverse_margin", "params", "path_norm", "path_norm_over_margin", "l1_path_norm", "l2_path_norm"),
        *("log_prod_of_spec", "log_prod_of_fro", "log_sum_of_spec", "fro_over_spec", "frobenius_norm"),
        *("log_prod_of_spec_over_margin", "log_spec_orig_main", "spectral_norm", "l_1_inf_norm", "trace_norm"),
        *("fisher_rao_norm", "adaptive_sharpness", "input_jacobian_norm", "input_radius_worst"),
    }
    for name in same:
        assert after[name] == pytest.approx(before[name], rel=1e-5), name
    sizes = [layer.weight.norm().item() ** 2 for layer in (first, second, third)]
    assert after["param_norm"] == pytest.approx(sum(sizes), rel=1e-6)
    assert before["param_norm"] == pytest.approx(sizes[0] / 9 + sizes[1] * 9 + sizes[2], rel=1e-6)
    moved = sizes[0] * (1 - 1 / a) ** 2 + sizes[1] * (a - 1) ** 2
    assert after["fro_dist"] == pytest.approx(moved, rel=1e-5)
    for name in ("hessian_top_eigenvalue", "hessian_trace", "gradient_norm"):
        assert after[name] != pytest.approx(before[name], rel=0.05), name
    much = values((scaled(network, 10.0), network, images, labels))
    assert much["pacbayes_flatness"] > 2 * before["pacbayes_flatness"]  # the smaller weights stand less noise
    assert after["pacbayes_mag_flatness"] == pytest.approx(before["pacbayes_mag_flatness"], rel=0.1)  # but for e


def test_a_margin_that_is_not_positive_is_said(of_mlp: tuple[Built, dict[str, float]]) -> None:
    (network, initial, images, labels), before = of_mlp
    with pytest.warns(Notice, match="has to be positive"):
        after = values((network, initial, images, (labels + 1) % 4))
    assert "inverse_margin" not in after and "spec_fro_bound" not in after
    assert not any("over_margin" in name for name in after)
    for name in ("path_norm", "log_prod_of_spec", "fro_dist"):
        assert after[name] == before[name]


def test_what_is_no_number_is_said(of_mlp: tuple[Built, dict[str, float]]) -> None:
    (network, initial, images, labels), _ = of_mlp
    broken = deepcopy(network)
    nn.init.constant_(linear(broken)[0].weight, torch.nan)
    with pytest.warns(Notice, match="it is nan"):
        after = values((broken, initial, images, labels))
    assert set(after) == {"params"}


def test_an_unknown_layer_is_said_and_leaves_the_margin() -> None:
    _, _, images, labels = built(partial(mlp, widths=[8]))
    network = nn.Sequential(nn.Flatten(), nn.LayerNorm(192), nn.Linear(192, 4))
    with torch.no_grad():
        labels = network(images).argmax(dim=1)
    with pytest.warns(Notice, match=r"1 \(LayerNorm\)"):
        measured = set(values((network, network, images, labels)))
    unfolded = {name for name in FURTHER if name.startswith(("coherence", "gradient", "input", "parameter"))}
    assert measured == {"inverse_margin"} | unfolded


def test_another_initial_network_is_said(of_mlp: tuple[Built, dict[str, float]]) -> None:
    (network, _, images, labels), before = of_mlp
    with pytest.warns(Notice, match="the initial network has other layers"):
        after = values((network, mlp((3, 8, 8), 4, [5]), images, labels))
    assert after["path_norm"] == before["path_norm"] and "fro_dist" not in after


def test_wrong_input_is_refused(of_mlp: tuple[Built, dict[str, float]]) -> None:
    network, initial, images, labels = of_mlp[0]
    with pytest.raises(Refusal, match="59 labels"):
        values((network, initial, images, labels[1:]))
    with pytest.raises(Refusal, match="honest, public"):
        generalization(network, initial, images, labels, noise="loud")


def test_the_final_rescaling() -> None:
    found = rescaled({"log_prod_of_spec": 4.863449494314522, "path_norm": 374.4292014037881, "spectral_norm": 4.3}, 100)
    assert found == pytest.approx(
        {"log_prod_of_spec": 0.12913965416321505, "path_norm": 1.9350173162113773, "spectral_norm": 4.3}
    )
    assert rescaled({"log_sum_of_fro": log(7)}, 7) == {"log_sum_of_fro": 0.0}
