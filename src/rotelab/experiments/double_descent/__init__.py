from rotelab.experiments.experiment import Work

WORK = Work(
    "Double descent: Belkin et al. (2019); Hastie et al. (2022) on ridgeless least squares",
    "Seeds vary the points, their labels and what is to be found.",
)
