from rotelab.experiments.experiment import Work

WORK = Work(
    "Frozen networks: random features, and training batch norm alone, Frankle et al. (2021)",
    "Seeds vary the initial weights and the order of the images in an epoch; images are the same.",
)
