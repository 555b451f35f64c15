"""What follows an incident into the one it is merged into: what was offered, promised, and is owed to the law."""

from datetime import datetime

from django.db.models import Q

from tidings.incidents.actions.choice import CUSTOMER
from tidings.incidents.actions.locking import told
from tidings.incidents.actions.tasks import finish_task
from tidings.incidents.models import (
    Affected,
    Choice,
    ClientWord,
    HandPick,
    HeldChange,
    Incident,
    LegalNotice,
    Offer,
    PersonalPromise,
    Task,
)
from tidings.incidents.rules import choice as rules
from tidings.incidents.rules.tasks import TaskEnd
from tidings.kernel.actor import Actor


def carry_owed(actor: Actor, incident: Incident, target: Incident, at: datetime) -> None:
    """Everything that is still to be kept or answered goes along; what is over stays where it was. Both incidents are locked,
    inside the caller's transaction, and the affected of the merged one are not written down with the target yet.
    """
    _carry_picks(incident, target)
    HeldChange.objects.filter(incident=incident, ended_at__isnull=True).update(
        ended_at=at, ended_by=actor.ref
    )
    open_tasks = Q(end="") | Q(check_by__isnull=False, checked_at__isnull=True)
    Task.objects.filter(open_tasks, incident=incident).update(incident=target)
    PersonalPromise.objects.filter(incident=incident, end="").update(incident=target)
    _carry_law(incident, target)
    _carry_words(incident, target)
    for offer in incident.offers.filter(ended_at__isnull=True).select_for_update().order_by("pk"):
        beside = target.offers.filter(effect=offer.effect, ended_at__isnull=True).first()
        if beside is None:
            offer.incident = target
            offer.save(update_fields=["incident"])
        else:
            _join(actor, target, beside, offer, at)
    _end_doubles(target, f"{incident.number} → {target.number}")


def _carry_picks(incident: Incident, target: Incident) -> None:
    """People's own words on single shipments and customers. The target's own stand, and nobody takes out of it what it found
    itself."""
    affected = Affected.objects.filter(incident=target, gone_at__isnull=True)
    found = {
        "shipment_id": affected.filter(shipment_id__isnull=False),
        "customer_id": affected.filter(shipment_id__isnull=True),
    }
    for what, there in found.items():
        named = HandPick.objects.filter(**{f"{what}__isnull": False})
        spoken = named.filter(incident=target).values(what)
        theirs = named.filter(incident=incident).exclude(**{f"{what}__in": spoken})
        theirs.exclude(verdict="out", **{f"{what}__in": there.values(what)}).update(incident=target)


def _carry_law(incident: Incident, target: Incident) -> None:
    """What is known of the law's clocks. Of one that both know, the target's stays, and what proves that it was done."""
    known = {one.code: one for one in LegalNotice.objects.filter(incident=target)}
    for notice in LegalNotice.objects.filter(incident=incident).order_by("pk"):
        own = known.get(notice.code)
        if own is None:
            notice.incident = target
            notice.save(update_fields=["incident"])
        elif notice.done_at and (own.done_at is None or notice.done_at < own.done_at):
            own.done_at, own.proof = notice.done_at, "; ".join(filter(None, (notice.proof, own.proof)))
            own.save(update_fields=["done_at", "proof"])


def _carry_words(incident: Incident, target: Incident) -> None:
    """Clients' words that their consignees may be told: who was let in hears on."""
    said = ClientWord.objects.filter(incident=target).values("customer_id")
    ClientWord.objects.filter(incident=incident).exclude(customer_id__in=said).update(incident=target)


def _join(actor: Actor, target: Incident, kept: Offer, other: Offer, at: datetime) -> None:
    """Two offers for one effect become one that keeps what each of them gave, with the answers of both."""
    joined = rules.joined(kept.as_offered(), other.as_offered(), at)
    Offer.objects.filter(pk__in=[kept.pk, other.pk]).update(ended_at=at)
    made = Offer(incident=target, effect=kept.effect, options=list(joined.options), default=joined.default)
    made.closes_at, made.settled_at = joined.closes_at, joined.settled_at
    made.at, made.by_kind, made.by = min(kept.at, other.at), actor.kind, actor.ref
    made.save(force_insert=True)
    Choice.objects.filter(offer__in=[kept, other]).update(offer=made)
    if joined.closes_at > at:
        told(actor, target, at, "choice_offered", {"options": made.options, "default": made.default})


def _end_doubles(target: Incident, why: str) -> None:
    """Ends the open tasks of answers that a newer answer for the same shipment stands instead of."""
    given = Choice.objects.filter(offer__incident=target, offer__ended_at__isnull=True)
    newest = given.order_by("customer_id", "shipment_id", "-id").distinct("customer_id", "shipment_id")
    wanted = {one.task_id for one in newest}
    doubled = [one for one in given.values_list("task_id", flat=True) if one and one not in wanted]
    for task in Task.objects.filter(pk__in=doubled, end="").order_by("pk").values_list("pk", flat=True):
        finish_task(CUSTOMER, task, TaskEnd.NOT_DONE, why)
