"""What looks on while a network trains: a Lightning callback per file. It changes no bit of the weights."""
