"""Measures of the norms of all layers and of their distance from initialization (Jiang et al. 2020, "Fantastic
Generalization Measures and Where to Find Them"), as the code of Dziugaite et al. (2020) computes them.

Before the final rescaling. W_i are the d weight tensors after folding batch norm, without biases, W_i0 those of the
initial network, g is the margin. The logarithm of a norm of zero is minus infinity.
"""

from dataclasses import dataclass
from math import log

from jaxtyping import Float
from torch import Tensor

from rotelab.measures.folding import Folded
from rotelab.measures.weight_norms import frobenius_norms, spectral_norms


@dataclass(frozen=True)
class Squares:
    """Squared norms of each layer's W_i, and of ``W_i - W_i0``."""

    of: Float[Tensor, " layer"]
    moved: Float[Tensor, " layer"]


def moved(weights: dict[str, Tensor], initial: dict[str, Tensor]) -> dict[str, Tensor]:
    """``W_i - W_i0``."""
    return {name: weight - initial[name] for name, weight in weights.items()}


def frobenius(weights: dict[str, Tensor], initial: dict[str, Tensor]) -> Squares:
    """Sums of squares."""
    return Squares(frobenius_norms(weights) ** 2, frobenius_norms(moved(weights, initial)) ** 2)


def spectral(folded: Folded, weights: dict[str, Tensor], initial: dict[str, Tensor], as_operator: bool) -> Squares:
    """Squared spectral norms, of matrices or of convolutions ``as_operator``."""
    return Squares(*(spectral_norms(folded, of, as_operator) ** 2 for of in (weights, moved(weights, initial))))


def of_frobenius(norms: Squares) -> dict[str, float]:
    """``param_norm = sum |W_i|_F^2``, ``fro_dist = sum |W_i - W_i0|_F^2``, ``l2`` and ``l2_dist``, their roots;
    ``log_prod_of_fro = sum log |W_i|_F^2``, ``log_sum_of_fro = log d + log_prod_of_fro / d``."""
    size, distance = float(norms.of.sum()), float(norms.moved.sum())
    return {"param_norm": size, "fro_dist": distance, "l2": size**0.5, "l2_dist": distance**0.5} | _logs(
        norms, "fro", ""
    )


def of_spectra(norms: Squares, fro: Squares, ending: str) -> dict[str, float]:
    """``log_prod_of_spec = sum log |W_i|_2^2``, ``log_sum_of_spec = log d + log_prod_of_spec / d``,
    ``fro_over_spec = sum |W_i|_F^2 / |W_i|_2^2``, ``dist_spec_init = sum |W_i - W_i0|_2^2``, with the ``ending``."""
    return _logs(norms, "spec", ending) | {
        f"fro_over_spec{ending}": float((fro.of / norms.of).sum()),
        f"dist_spec_init{ending}": float(norms.moved.sum()),
    }


def _logs(norms: Squares, kind: str, ending: str) -> dict[str, float]:
    product, depth = float(norms.of.log().sum()), len(norms.of)
    return {f"log_prod_of_{kind}{ending}": product, f"log_sum_of_{kind}{ending}": log(depth) + product / depth}


def frobenius_over_margin(norms: Squares, margin: float) -> dict[str, float]:
    """``log_prod_of_fro_over_margin = log_prod_of_fro - 2 log g``; ``log_sum_of_fro_over_margin``: ``log d`` and the
    d-th part of that."""
    return _logs_over_margin(norms, "fro", margin, "")


def spectra_over_margin(norms: Squares, fro: Squares, margin: float, ending: str) -> dict[str, float]:
    """The same of spectral norms, with the ``ending``. ``log_spec_init_main``: ``log_prod_of_spec_over_margin`` and the
    logarithm of ``sum |W_i - W_i0|_F^2 / |W_i|_2^2``; ``log_spec_orig_main``: and of ``sum |W_i|_F^2 / |W_i|_2^2``."""
    found = _logs_over_margin(norms, "spec", margin, ending)
    product = found[f"log_prod_of_spec_over_margin{ending}"]
    return found | {
        f"log_spec_init_main{ending}": product + float((fro.moved / norms.of).sum().log()),
        f"log_spec_orig_main{ending}": product + float((fro.of / norms.of).sum().log()),
    }


def _logs_over_margin(norms: Squares, kind: str, margin: float, ending: str) -> dict[str, float]:
    product, depth = float(norms.of.log().sum()) - 2 * log(margin), len(norms.of)
    return {
        f"log_prod_of_{kind}_over_margin{ending}": product,
        f"log_sum_of_{kind}_over_margin{ending}": log(depth) + product / depth,
    }
