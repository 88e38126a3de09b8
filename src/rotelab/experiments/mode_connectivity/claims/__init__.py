"""What is known of lines between networks."""
