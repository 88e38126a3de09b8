"""What is claimed of networks that hardly move."""
