"""What the operating system gives a process: signals, a terminal."""
