"""What closed forms say of double descent."""
