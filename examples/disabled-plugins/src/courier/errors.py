"""What can go wrong on the way, and whether trying again may help."""


class CourierError(Exception):
    """The root of all errors of this package."""


class Transient(CourierError):
    """Trying again may help; `after` is the number of seconds the endpoint asked us to wait, or None."""

    def __init__(self, text: str, after: float | None = None) -> None:
        super().__init__(text)
        self.after = after


class Permanent(CourierError):
    """Trying again cannot help."""


class CircuitOpen(CourierError):
    """The endpoint failed too often; it is left alone for a while."""


class RetriesExhausted(CourierError):
    """Every attempt failed; `attempts` says how many there were."""

    def __init__(self, attempts: int) -> None:
        super().__init__(f"gave up after {attempts} attempts")
        self.attempts = attempts


def from_status(status: int, after: float | None = None) -> CourierError | None:
    """The error that an HTTP status stands for, None for success."""
    if status < 400:
        return None
    if status in (408, 425, 429) or status >= 500:
        return Transient(f"status {status}", after)
    return Permanent(f"status {status}")
