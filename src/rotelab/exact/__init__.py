"""What needs no long training: results of "Understanding deep learning requires rethinking generalization" (Zhang et
al. 2017) that are a linear system, or the fit of a few labels."""
