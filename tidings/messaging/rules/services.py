"""What a service beside mail relays needs to be told. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a channel needs to know: what a form asks for. `kind` is str, int, float or bool; a setting without a
    default must be filled in."""

    name: str
    kind: type
    default: object
    needed: bool
    secret: bool
    long: bool
    choices: tuple[str, ...]
