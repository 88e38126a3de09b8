from rotelab.experiments.experiment import Work

WORK = Work(
    "Architecture: LeCun (1989), d'Ascoli et al. (2019), Neyshabur (2020), Dosovitskiy et al. (2021)",
    "Seeds draw the images and their splits, out of all there are, the initial weights and the order in an epoch.",
    ("bias", "ease"),
)
