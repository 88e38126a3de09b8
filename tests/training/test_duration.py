"""Seconds as a person says them."""

import pytest

from rotelab.training.duration import in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (12.3, "12 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h"),
        (14880, "4 h 8 min"),
        (14880 + 31, "4 h 9 min"),
        (86400, "1 d"),
        (27 * 3600 + 1900, "1 d 4 h"),
        (1e7, "115 d 18 h"),
    ],
)
def test_two_units_at_most(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
