"""The claims of "Understanding deep learning requires rethinking generalization" (Zhang et al., 2017), by question."""
