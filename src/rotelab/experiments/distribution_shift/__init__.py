from rotelab.experiments.experiment import Work

WORK = Work(
    "Distribution shift: Miller et al. (2021), Recht et al. (2018)",
    "Seeds draw the images and their splits, the initial weights and the order of the images in an epoch.",
)
