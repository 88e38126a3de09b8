"""What is known of accuracy after a shift."""
