"""What an architecture knows of images, and whether it makes memorizing harder."""
