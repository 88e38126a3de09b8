from rotelab.experiments.experiment import Work

WORK = Work(
    "Lottery tickets: Frankle and Carbin (2019)",
    "Seeds vary the initial weights and the order of the images in an epoch, and what a control draws.",
    ("tickets", "rewinding", "memorize"),
)
