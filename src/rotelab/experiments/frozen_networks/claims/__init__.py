"""What is asked of networks that are not trained, or only in part."""
