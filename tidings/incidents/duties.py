"""What a member of the staff has in hand here: the incidents, tasks, promises and clocks of the law they own, and how those pass on."""

from uuid import UUID

from tidings.incidents import actions, queries
from tidings.kernel.actor import Actor
from tidings.kernel.duties import Duty, Owned
from tidings.ui.words import label


class IncidentDuty(Duty):
    """Open incidents have an owner: whoever reported them, until they pass on."""

    code = "incidents"
    ability = "incident.assess"

    def owned_by(self, person: UUID) -> list[Owned]:
        return [Owned("incident", one.pk, one.title or one.number) for one in queries.owned_by(person)]

    def pass_on(self, actor: Actor, person: UUID, successor: UUID) -> int:
        return actions.pass_on(actor, person, successor)


class TaskDuty(Duty):
    """Open tasks of incidents have an owner, who may be of any department."""

    code = "incident_tasks"
    ability = "incident.read"

    def owned_by(self, person: UUID) -> list[Owned]:
        return [Owned("task", one.pk, one.text) for one in queries.tasks_of(person)]

    def pass_on(self, actor: Actor, person: UUID, successor: UUID) -> int:
        return actions.pass_on_tasks(actor, person, successor)


class PromiseDuty(Duty):
    """Open promises to single customers have an owner, who keeps them."""

    code = "incident_promises"
    ability = "incident.read"

    def owned_by(self, person: UUID) -> list[Owned]:
        return [Owned("promise", one.pk, one.text) for one in queries.promises_of(person)]

    def pass_on(self, actor: Actor, person: UUID, successor: UUID) -> int:
        return actions.pass_on_promises(actor, person, successor)


class LegalDuty(Duty):
    """The law's clocks that are not done have an owner, who tells whom the law names."""

    code = "incident_law"
    ability = "incident.assess"

    def owned_by(self, person: UUID) -> list[Owned]:
        return [
            Owned("legal_clock", one.pk, f"{one.incident.number}, {label(f'incident.law.{one.code}')}")
            for one in queries.law_of(person)
        ]

    def pass_on(self, actor: Actor, person: UUID, successor: UUID) -> int:
        return actions.pass_on_law(actor, person, successor)
