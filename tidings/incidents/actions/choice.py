"""Offering a choice, taking a customer's answer, and holding to the default once the time is over."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tidings.incidents.actions.locking import changed, locked, must_be_open, told
from tidings.incidents.actions.tasks import add_task, finish_task
from tidings.incidents.models import Choice, Incident, Offer, Task
from tidings.incidents.queries.choices import chosen
from tidings.incidents.rules import choice as rules
from tidings.incidents.rules.tasks import TaskEnd
from tidings.kernel.actor import Actor, ActorKind
from tidings.kernel.clock import now
from tidings.kernel.errors import Conflict, Missing, Refused

CUSTOMER = Actor(ActorKind.SYSTEM, "customer", frozenset({"incident.task"}))
"""Who chooses by a signed link: customers have no accounts. Whoever calls it has checked the link."""
_DEPARTMENT = "operations"
_WITHIN = timedelta(hours=4)

Say = Callable[[str, Sequence[str]], str]
"""What a task asks, in words: given the option and the waybills; given `rules.CHANGED`, why an earlier one is given up."""


@dataclass(frozen=True, slots=True)
class Chooser:
    """Whose answer it is."""

    customer_id: UUID
    contact_id: UUID


def offer_choice(
    actor: Actor,
    incident_id: UUID,
    *,
    options: Collection[str],
    default: str,
    closes_at: datetime,
    effect: str = "",
) -> UUID:
    """Lets the customers of the shipments with this effect (empty: of all) choose, and gives the offer's id.

    It takes the place of an offer for the same effect; answers to that one count no more. Raises
    Refused("incident.not_open"), "incident.choice_needs_two", "incident.choice_default_not_offered" and
    "incident.choice_closes_in_the_past".
    """
    actor.require("message.send")
    at = now()
    with transaction.atomic():
        incident = locked(actor, incident_id)
        must_be_open(incident)
        wrong = rules.why_not_offer(options, default, closes_at, at)
        if wrong:
            raise Refused(wrong)
        incident.offers.filter(effect=effect, ended_at__isnull=True).update(ended_at=at)
        made = Offer(incident=incident, effect=effect, options=rules.in_order(options), default=default)
        made.closes_at, made.at, made.by_kind, made.by = closes_at, at, actor.kind, actor.ref
        made.save(force_insert=True)
        told(actor, incident, at, "choice_offered", {"options": made.options, "default": default})
        changed(actor, incident, at)
    return made.pk


def withdraw_choice(actor: Actor, offer_id: UUID) -> None:
    """Ends an offer; what was chosen stays written down, and its tasks stay. Twice is no error."""
    actor.require("message.send")
    at = now()
    with transaction.atomic():
        incident, offer = _locked(actor, offer_id)
        if offer.ended_at is not None:
            return
        offer.ended_at = at
        offer.save(update_fields=["ended_at"])
        told(actor, incident, at, "choice_withdrawn", {"options": offer.options})
        changed(actor, incident, at)


def choose(offer_id: UUID, chooser: Chooser, shipments: dict[UUID, str], option: str, say: Say) -> int:
    """Takes a customer's answer for these shipments (id to waybill); gives for how many it was news.

    It gives operations a task, ends the task of an answer that nobody stands by any more, and leaves one line on the timeline.
    The same answer again changes nothing. Raises Refused("incident.choice_unknown") for an option that is not offered, and
    Conflict("incident.choice_closed") once the time or the incident is over, or the offer was withdrawn.
    """
    at = now()
    with transaction.atomic():
        incident, offer = _locked(CUSTOMER, offer_id)
        if option not in offer.options:
            raise Refused("incident.choice_unknown")
        is_open = rules.may_choose(offer.closes_at, offer.ended_at, at, settled_at=offer.settled_at)
        if not incident.is_open or not is_open:
            raise Conflict("incident.choice_closed")
        before = chosen(_standing(offer), chooser.customer_id, shipments)
        news = {
            one: waybill for one, waybill in shipments.items() if _is_news(before.get(one), offer, option)
        }
        if not news:
            return 0
        task = _task(incident, offer, news, option, say, at)
        Choice.objects.bulk_create(
            Choice(
                offer=offer,
                customer_id=chooser.customer_id,
                contact_id=chooser.contact_id,
                shipment_id=shipment,
                waybill=waybill,
                option=option,
                task_id=task,
                at=at,
            )
            for shipment, waybill in news.items()
        )
        given_up = {before[one].task_id for one in news if one in before}
        _end_what_nobody_wants(offer, chooser, given_up, say(rules.CHANGED, ()))
        told(CUSTOMER, incident, at, "choice_made", {"option": option, "shipments": len(news)})
    return len(news)


def settle_choices(actor: Actor, say: Say) -> int:
    """Writes down, for each offer whose time is over, that its default holds for whoever did not answer; how many there were."""
    at = now()
    waiting = Offer.objects.filter(closes_at__lte=at, ended_at__isnull=True, settled_at__isnull=True)
    settled = 0
    for offer_id in waiting.values_list("pk", flat=True):
        with transaction.atomic():
            incident, offer = _locked(actor, offer_id)
            if offer.settled_at is not None:
                continue
            offer.settled_at = at
            offer.save(update_fields=["settled_at"])
            if offer.default not in rules.NO_WORK and incident.is_open:
                add_task(
                    actor, incident.pk, _DEPARTMENT, say(offer.default, ()), at + _WITHIN, origin=rules.FROM_A_CHOICE
                )  # fmt: skip
            told(actor, incident, at, "choice_closed", {"default": offer.default})
            settled += 1
    return settled


def _standing(offer: Offer) -> list[UUID]:
    """The offers of its incident that stand: a shipment whose effect changed may have been answered for in another one."""
    standing = Offer.objects.filter(incident_id=offer.incident_id, ended_at__isnull=True)
    return list(standing.values_list("pk", flat=True))


def _is_news(before: Choice | None, offer: Offer, option: str) -> bool:
    return before is None or (before.offer_id, before.option) != (offer.pk, option)


def _task(
    incident: Incident, offer: Offer, news: dict[UUID, str], option: str, say: Say, at: datetime
) -> UUID | None:
    """The task that an answer gives; none for an answer that asks nothing of anybody."""
    if option in rules.NO_WORK:
        return None
    only = next(iter(news)) if len(news) == 1 else None
    due = max(offer.closes_at, at + _WITHIN)
    said = say(option, sorted(news.values()))
    return add_task(
        CUSTOMER, incident.pk, _DEPARTMENT, said, due, origin=rules.FROM_A_CHOICE, shipment_id=only
    )


def _end_what_nobody_wants(offer: Offer, chooser: Chooser, tasks: set[UUID | None], why: str) -> None:
    """Ends the open tasks of answers that were changed, where no answer that counts asks for them any more."""
    newest = Choice.objects.filter(offer__in=_standing(offer), customer_id=chooser.customer_id)
    wanted = {one.task_id for one in newest.order_by("shipment_id", "-id").distinct("shipment_id")}
    given_up = Task.objects.filter(pk__in=[one for one in tasks - wanted if one], end="")
    for task in given_up.values_list("pk", flat=True):
        finish_task(CUSTOMER, task, TaskEnd.NOT_DONE, why)


def _locked(actor: Actor, offer_id: UUID) -> tuple[Incident, Offer]:
    found = Offer.objects.filter(pk=offer_id).values_list("incident_id", flat=True).first()
    if found is None:
        raise Missing("incident.choice_missing")
    incident = locked(actor, found)
    return incident, Offer.objects.select_for_update().get(pk=offer_id)
