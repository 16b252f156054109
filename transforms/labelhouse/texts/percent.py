"""Write shares for people."""


def percent(share: float) -> str:
    """Return a share of 0 to 1 as a percentage that is 0 or 100 only if the share is.

    >>> percent(0.25), percent(0.0001), percent(0.9999)
    ('25 %', '< 0.1 %', '> 99.9 %')
    """
    if 0 < share < 0.001:
        return "< 0.1 %"
    if 0.999 < share < 1:
        return "> 99.9 %"
    return f"{share * 100:.1f} %".replace(".0 %", " %")
