"""What closed forms say of bounds that hold for all functions of a class."""
