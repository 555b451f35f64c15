"""The four kinds of error that an action may raise. Anything else is a bug and rises to the edge.

    TidingsError
    ├── Refused    the person can fix it (or may not do it)
    ├── Conflict   someone else was first
    ├── Missing    it is not there, or not for you
    └── TryLater   an outside service did not answer

Each carries a stable code and facts; words are made at the edge (`tidings.ui.words`), in the reader's language.
"""


class TidingsError(Exception):
    """A code such as `incident.closed`, and the facts its sentence needs. Facts hold no secret and no address."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {self.facts}" if self.facts else self.code


class Refused(TidingsError):
    """What was asked cannot be done as asked; the person can fix it."""


class Conflict(TidingsError):
    """Someone else changed it first."""


class Missing(TidingsError):
    """There is no such thing within what this actor may see."""


class TryLater(TidingsError):
    """An outside service did not answer or said to come back."""
