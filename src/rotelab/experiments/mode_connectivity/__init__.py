from rotelab.experiments.experiment import Work

WORK = Work(
    "Mode connectivity: Frankle et al. (2020), Ainsworth et al. (2023)",
    "Seeds vary the images, the initial weights and the orders.",
)
