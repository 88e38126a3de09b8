"""Random features of a few digits: the peak, and that a ridge takes it."""

from rotelab.experiments.double_descent import random_features


def test_the_peak_is_where_there_are_as_many_features_as_images() -> None:
    table = random_features.measure(random_features.Scale(100, 200, None, 2), None)
    means = table.groupby(["ridge", "ratio"]).test_error.mean()
    assert 0.9 <= means[0.0].drop([0.05, 0.1]).idxmax() <= 1.1
    assert means[0.0][1.0] > means[0.0][10.0] + 0.2
    assert means[random_features.RIDGE][1.0] < means[0.0][1.0] - 0.2
    fits = table[(table.ridge == 0) & (table.ratio >= 1)]
    assert (fits.train_error == 0).all()  # wrong labels, too
