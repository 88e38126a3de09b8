from rotelab.experiments.experiment import Work

WORK = Work(
    "Lazy training: Jacot et al. (2018), Lee et al. (2019), Chizat et al. (2019), Basri et al. (2019)",
    "Seeds vary weights and points.",
    ("infinite_width", "output_scale", "frequencies"),
)
