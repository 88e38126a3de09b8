from rotelab.experiments.experiment import Work

WORK = Work(
    "Max margin: Soudry et al. (2018), Nacson et al. (2019), and the fits of least norm",
    "Seeds vary the points.",
)
