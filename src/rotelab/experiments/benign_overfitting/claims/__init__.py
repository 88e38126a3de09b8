"""What closed forms say of interpolation of noisy labels."""
