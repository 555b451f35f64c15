"""Words of the survey, and of the line that it leaves in an incident's story."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SURVEY_QUESTIONS: Final[dict[str, Promise]] = {
    "informed": _("How well did we keep you informed?"),
    "solved": _("How well did we solve it for you?"),
}
