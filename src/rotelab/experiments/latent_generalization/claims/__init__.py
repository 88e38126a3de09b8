"""What is asked of the layers of networks that memorized."""
