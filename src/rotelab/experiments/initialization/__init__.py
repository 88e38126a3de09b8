from rotelab.experiments.experiment import Work

WORK = Work(
    "Initialization: Glorot and Bengio (2010), He et al. (2015), Hanin and Rolnick (2018)",
    "Seeds vary the weights, and in runs the order of the images in an epoch.",
    ("variance", "depth", "normalization"),
)
