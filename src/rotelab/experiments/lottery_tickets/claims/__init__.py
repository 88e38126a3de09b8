"""What the papers say of tickets, and our question."""
