"""What is known of the order in which functions are learned."""
