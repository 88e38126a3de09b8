"""How long something takes, for a person."""


def in_words(seconds: int | float) -> str:
    """``12 s``, ``3 min 20 s``, ``4 h 8 min``, ``2 d 3 h``: rounded to the second of two units, which is left out where
    it is 0."""
    seconds = round(seconds)
    text, smaller, seconds_of_it = f"{seconds} s", "s", 1
    for unit, seconds_of_unit in (("min", 60), ("h", 3600), ("d", 86400)):
        if seconds < seconds_of_unit:
            break
        count, rest = divmod(round(seconds / seconds_of_it), seconds_of_unit // seconds_of_it)
        text = f"{count} {unit}" + (f" {rest} {smaller}" if rest else "")
        smaller, seconds_of_it = unit, seconds_of_unit
    return text
