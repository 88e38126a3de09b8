"""What a network does with images of one's own: whether it would memorize them, and which of them deserve a look."""
