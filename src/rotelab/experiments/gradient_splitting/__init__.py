from rotelab.experiments.experiment import Work

WORK = Work(
    'Badger, "Why Deep Learning Generalizes"',
    "Seeds vary the initial weights alone: the images, their order and their noise are the same throughout.",
)
