"""What is known of test accuracy that comes long after the fit."""
