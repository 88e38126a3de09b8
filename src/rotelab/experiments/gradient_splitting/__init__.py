from rotelab.experiments.experiment import Work

WORK = Work(
    'Badger, "Why Deep Learning Generalizes"',
    "Seeds vary the initial weights, and where batches are reshuffled (conditioning, half of collapse) their order: "
    "the images and their noise are the same throughout, but where a claim says that its seeds are of other images.",
    (
        *("parameters", "fig1", "fig2a", "fig2b", "fig2c", "fig2d", "threshold", "figs1", "figs1_ablation"),
        *("gradient_norm", "fig3", "stability", "recover", "gap", "collapse"),
        *("conditioning", "conditioning_networks", "conditioning_sizes"),
    ),
)
