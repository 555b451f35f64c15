"""What the story of an incident needs next, and which message takes the place of one that somebody still waits for. Pure."""

from tidings.incidents.rules.incident import TOLD_PHASES, Phase, State

_THERE = (Phase.RESTORED, Phase.CLOSING)


def phase_asked_about(state: str, *, told: bool) -> Phase:
    """The phase that customers' questions are about now: before anybody was told, the first notice."""
    if State(state) in (State.RESOLVED, State.CLOSED):
        return Phase.CLOSING
    if State(state) is State.RECOVERING:
        return Phase.RESTORED
    return Phase.UPDATE if told else Phase.FIRST_NOTICE


def next_to_tell(state: str, last: str | None, *, noticed: bool, restored: bool) -> Phase:
    """What is told next, of an incident in this state.

    `noticed`: the first notice went; `last` is the newest message after it that goes to everyone (update, restored, closing),
    None before one went; `restored`: that the service is there again was told at some time. An incident that recovers is told to
    be restored; after that only the end is left, unless an update promised more since, or the trouble came back.
    """
    now = State(state)
    if not noticed:
        return Phase.FIRST_NOTICE
    if now is State.RESOLVED:
        return Phase.CLOSING
    if now is not State.RECOVERING:
        return Phase.UPDATE
    if last in _THERE:
        return Phase.CLOSING
    return Phase.UPDATE if restored else Phase.RESTORED


def overtakes(sent: str, held: str) -> bool:
    """Whether who waits for the language of a message of the phase `held` waits no more once they are sent one of the phase
    `sent`: news takes the place of older news, the closing message that of everything before it. A first notice tells what
    no update repeats, and remains owed until the end.
    """
    if sent == Phase.CLOSING:
        return held in (*TOLD_PHASES, Phase.CORRECTION)
    return sent in (Phase.UPDATE, Phase.RESTORED) and held == Phase.UPDATE
