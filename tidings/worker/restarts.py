"""How long to wait before a dead process is started again. Pure."""

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
_STEADY_SECONDS = 60.0


def next_pause(last: float, lived: float) -> float:
    """Seconds to wait: doubles with every quick death up to 30, and begins anew after a minute of life."""
    if lived >= _STEADY_SECONDS:
        return FIRST_PAUSE
    return min(last * 2, LONGEST_PAUSE)
