from rotelab.experiments.experiment import Work

WORK = Work(
    'Zhang et al. (2017), "Understanding deep learning requires rethinking generalization"',
    "Seeds vary the initial weights, the order of the images in an epoch, and the random labels and pixels: the "
    "images themselves are the same throughout.",
    ("parameters", "random_labels", "fig1a", "corrupted_labels", "regularizers", "early_stopping"),
)
