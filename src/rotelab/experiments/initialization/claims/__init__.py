"""What is claimed of networks at random weights, and of what they can learn from there."""
