from rotelab.experiments.experiment import Work

WORK = Work(
    "Simplicity bias: Valle-Perez et al. (2019), Mingard et al. (2019, 2021)",
    "Seeds vary the weights, and of trained networks the inputs that they know.",
    ("random_functions", "trained_functions"),
)
