"""What can go wrong through no fault of the code: shown to a person as one line, without a traceback."""


class InputError(ValueError):
    """A configuration or data that can't be used; the message names the key, slice or path. Exit code 2."""


class RunError(RuntimeError):
    """A run that had to end: the loss is no number, the disk is full. The message is a sentence. Exit code 1."""
