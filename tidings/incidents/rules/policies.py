"""The rules of changing a policy: what loosens it, and when that (or a looser grading) waits for a second person. Pure."""

from tidings.incidents.rules.incident import Policy


def loosened(before: Policy, after: Policy) -> list[str]:
    """Codes of what `after` asks less of than `before`, in the order of a policy's lines; empty where it only tightens."""
    found = {
        "first_notice_within": after.first_notice_within > before.first_notice_within,
        "update_every": after.update_every > before.update_every,
        "second_person": _asks_anyone(before) and not _asks_anyone(after),
        "special": before.special and not after.special,
        "required": bool(before.required - after.required),
        "overrides_quiet": bool(before.overrides_quiet - after.overrides_quiet),
        "approvers": bool(before.approvers - after.approvers),
        "legal_kinds": "legal" not in after.approvers and bool(before.legal_kinds - after.legal_kinds),
        "management_kinds": "management" not in after.approvers
        and bool(before.management_kinds - after.management_kinds),
    }
    return [code for code, yes in found.items() if yes]


def _asks_anyone(policy: Policy) -> bool:
    return policy.second_person or bool(policy.approvers)


def changes(before: Policy, after: Policy) -> list[str]:
    """Codes of the lines in which two policies differ."""
    lines = (
        "first_notice_within",
        "update_every",
        "second_person",
        "special",
        "required",
        "overrides_quiet",
        "approvers",
        "legal_kinds",
        "management_kinds",
    )
    return [line for line in lines if getattr(before, line) != getattr(after, line)]


def waits(loosens: bool, *, others: int, demo: bool) -> bool:
    """Whether a change waits for a second administrator: it loosens something, and `others` could confirm it.

    A demo has one person at its keyboard.
    """
    return loosens and others > 0 and not demo
