"""What looks on while a network trains: a Lightning callback per file. It changes no bit of the weights.

A measure puts ``what/where`` into ``learner.metrics`` at the start (epoch 0) or at the end of an epoch, and takes away
what it does not measure at that epoch, so that a curve holds no number twice.
"""
