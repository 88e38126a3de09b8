"""What small systems say of where descent goes."""
