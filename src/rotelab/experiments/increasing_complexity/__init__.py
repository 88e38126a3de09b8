from rotelab.experiments.experiment import Work

WORK = Work(
    "Functions of increasing complexity: Kalimeris et al. (2019)",
    "Seeds draw the images and their splits, the initial weights and the order of the images in an epoch.",
)
