"""What runs and sweeps leave on the disk."""
