"""Of the squared norms of three layers, which public code of Dziugaite et al. (2020) found for a small convolutional
network, the measures that it makes of them."""

import pytest
import torch

from rotelab.measures.layer_norms import (
    Squares,
    frobenius,
    frobenius_over_margin,
    of_frobenius,
    of_spectra,
    spectra_over_margin,
)

FRO = Squares(
    torch.tensor([0.9754820060763891, 21.759789659920862, 75.5630669791996], dtype=torch.float64),
    torch.tensor([1.6599848522307845, 18.566071274258235, 61.4155050823786], dtype=torch.float64),
)
MATRIX = Squares(
    torch.tensor([0.617194166234534, 8.170128033656956, 25.675481900647927], dtype=torch.float64),
    torch.tensor([0.752101881761633, 7.5805771204839925, 20.447896002528584], dtype=torch.float64),
)
OPERATOR = Squares(
    torch.tensor([2.3419852987150165, 66.60302441392994, 25.675481900647917], dtype=torch.float64),
    torch.tensor([2.1813906826567844, 61.5627444351956, 20.447896002528584], dtype=torch.float64),
)
MARGIN = 2.9402545513863863


def test_frobenius() -> None:
    assert of_frobenius(FRO) == pytest.approx(
        {
            "param_norm": 98.29833864519685,
            "fro_dist": 81.64156120886761,
            "l2": 9.91455186305447,
            "l2_dist": 9.035571991239273,
            "log_prod_of_fro": 7.380207822434805,
            "log_sum_of_fro": 3.558681562813045,
        }
    )
    assert frobenius_over_margin(FRO, MARGIN) == pytest.approx(
        {"log_prod_of_fro_over_margin": 5.223215503021226, "log_sum_of_fro_over_margin": 2.8396841230085186}
    )


def test_spectra_of_matrices() -> None:
    assert of_spectra(MATRIX, FRO, "") == pytest.approx(
        {
            "log_prod_of_spec": 4.863449494314522,
            "log_sum_of_spec": 2.719762120106284,
            "fro_over_spec": 7.186850765553677,
            "dist_spec_init": 28.780575004774207,
        }
    )
    assert spectra_over_margin(MATRIX, FRO, MARGIN, "") == pytest.approx(
        {
            "log_prod_of_spec_over_margin": 2.7064571749009434,
            "log_sum_of_spec_over_margin": 2.0007646803017574,
            "log_spec_init_main": 4.701700245305146,
            "log_spec_orig_main": 4.6787102486737755,
        }
    )


def test_spectra_of_operators() -> None:
    assert of_spectra(OPERATOR, FRO, "_fft") == pytest.approx(
        {
            "log_prod_of_spec_fft": 8.295285500950884,
            "log_sum_of_spec_fft": 3.8637074556517375,
            "fro_over_spec_fft": 3.6862328213136615,
            "dist_spec_init_fft": 84.19203112038096,
        }
    )
    assert spectra_over_margin(OPERATOR, FRO, MARGIN, "_fft") == pytest.approx(
        {
            "log_prod_of_spec_over_margin_fft": 6.138293181537305,
            "log_sum_of_spec_over_margin_fft": 3.1447100158472114,
            "log_spec_init_main_fft": 7.356033206706371,
            "log_spec_orig_main_fft": 7.44289820246726,
        }
    )


def test_distances_are_of_each_layer_from_its_own_start() -> None:
    weights = {"a": torch.tensor([[3.0, 4.0]]), "b": torch.tensor([[1.0]])}
    initial = {"a": torch.tensor([[3.0, 2.0]]), "b": torch.tensor([[-2.0]])}
    found = frobenius(weights, initial)
    assert found.of.tolist() == [25, 1] and found.moved.tolist() == [4, 9]
