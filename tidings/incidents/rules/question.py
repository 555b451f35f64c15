"""The question of who is affected, as it is saved. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Term:
    """One part of the question: at a place (its code) within a time window; no end means still going on."""

    place: str
    from_at: datetime
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Which shipments are affected, as saved: any of these terms. Further kinds of term join the same list."""

    any_of: tuple[Term, ...]

    def as_json(self) -> dict[str, list[dict[str, str | None]]]:
        """The saved form; `question_from` reads it back."""
        return {
            "any": [
                {
                    "place": term.place,
                    "from": term.from_at.isoformat(),
                    "until": term.until_at.isoformat() if term.until_at else None,
                }
                for term in self.any_of
            ]
        }


def question_from(saved: dict[str, list[dict[str, str | None]]]) -> Question:
    """The question that `Question.as_json` saved."""
    return Question(
        tuple(
            Term(
                str(term["place"]),
                datetime.fromisoformat(str(term["from"])),
                datetime.fromisoformat(term["until"]) if term["until"] else None,
            )
            for term in saved["any"]
        )
    )
