from rotelab.experiments.experiment import Work

WORK = Work(
    "Benign overfitting: Bartlett, Long, Lugosi, Tsigler (2020); Tsigler and Bartlett (2023)",
    "Seeds vary the points; over their noise the mean is exact.",
    ("spectra", "tail"),
)
