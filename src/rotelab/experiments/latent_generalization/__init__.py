from rotelab.experiments.experiment import Work

WORK = Work(
    "Latent generalization: Ketha and Ramaswamy (2025), Maennel et al. (2020)",
    "Seeds vary the initial weights, the order of the images in an epoch, and which labels are random; images are the "
    "same.",
)
