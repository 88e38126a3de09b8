from rotelab.experiments.experiment import Work

WORK = Work(
    "Grokking: Power et al. (2022), Gromov (2023)",
    "Seeds vary the pairs that are learned and the initial weights.",
)
