"""The claims of "Why Deep Learning Generalizes" (Badger), and ours about it: a module for each figure."""
