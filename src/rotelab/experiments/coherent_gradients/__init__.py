from rotelab.experiments.experiment import Work

WORK = Work(
    'Chatterjee and Zielinski, "On the Generalization Mystery in Deep Learning", and before it',
    "Seeds vary the initial weights, the order of the images in an epoch, and the random labels; under Eq. (1) and (4) "
    "the initial weights alone.",
)
