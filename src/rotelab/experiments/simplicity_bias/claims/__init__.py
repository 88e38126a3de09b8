"""What is claimed of the functions that weights at random, and trained ones, stand for."""
