from rotelab.experiments.experiment import Work

WORK = Work(
    "Double descent: Belkin et al. (2019); Hastie et al. (2022) on ridgeless least squares; Nakkiran et al. (2020) on "
    "networks",
    "Seeds vary the points, their labels and what is to be found; of networks the initial weights, the order of the "
    "images in an epoch, and which labels are wrong.",
)
