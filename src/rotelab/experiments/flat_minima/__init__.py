from rotelab.experiments.experiment import Work

WORK = Work(
    "Flat minima: Hochreiter and Schmidhuber (1997), Keskar et al. (2017), Dinh et al. (2017)",
    "Seeds vary the initial weights and the order of the images in an epoch; images are the same.",
)
