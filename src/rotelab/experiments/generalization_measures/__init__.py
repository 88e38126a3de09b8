from rotelab.experiments.experiment import Work

WORK = Work(
    'Jiang et al. (2020), "Fantastic Generalization Measures", and Dziugaite et al. (2020), "In Search of Robust '
    'Measures of Generalization"; Dziugaite and Roy (2017) on bounds',
    "Seeds vary the initial weights, the order of the images in an epoch, and which labels are wrong.",
)
