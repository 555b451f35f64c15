"""What a customer says of how we did, by their signed link."""

from uuid import UUID

from django.db import transaction

from tidings.customers.queries import number_of
from tidings.incidents.actions.choice import CUSTOMER, Chooser
from tidings.incidents.actions.locking import told
from tidings.incidents.models import Incident, SurveyAnswer
from tidings.incidents.rules.survey import LONGEST
from tidings.kernel.clock import now


def answer_survey(
    incident_id: UUID, who: Chooser, *, informed: int, solved: int, words: str, language: str
) -> None:
    """Keeps their two marks (1 to 5) and words; said again, the later holds. Whoever calls it has checked the link, and that
    they are asked.
    """
    at = now()
    with transaction.atomic():
        incident = Incident.objects.select_for_update().get(pk=incident_id)
        _, new = SurveyAnswer.objects.update_or_create(
            incident=incident,
            contact_id=who.contact_id,
            defaults={
                "customer_id": who.customer_id,
                "language": language,
                "informed": informed,
                "solved": solved,
                "words": words.strip()[:LONGEST],
                "at": at,
            },
        )
        if new:
            told(CUSTOMER, incident, at, "survey_answered", {"client": number_of(who.customer_id)})
