from rotelab.experiments.experiment import Work

WORK = Work(
    "Uniform convergence: Vapnik and Chervonenkis (1971); Nagarajan and Kolter (2019)",
    "Seeds vary the points and their labels, and of networks the weights and the order.",
)
