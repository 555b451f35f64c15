"""The words of running an incident: tasks and departments."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LABELS: Final[dict[str, Promise]] = {
    "task": _("Task"),
    "incident.department.operations": _("Operations"),
    "incident.department.customer_service": _("Customer service"),
    "incident.department.it": pgettext_lazy("department", "IT"),
    "incident.department.legal": pgettext_lazy("department", "Legal"),
    "incident.department.marketing": _("Marketing"),
    "incident.department.couriers": _("Couriers"),
    "incident.department.finance": pgettext_lazy("department", "Finance"),
    "incident.end.done": pgettext_lazy("task", "Done"),
    "incident.end.not_done": pgettext_lazy("task", "Not done"),
    "incident.end.": pgettext_lazy("task", "Waiting"),
    "incident.origin.choice": _("a customer’s choice"),
}

STORY: Final[dict[str, Promise]] = {
    "task_added": _("Task for %(department)s"),
    "task_ended": _("Task of %(department)s, %(end)s"),
    "task_handed": _("Task of %(department)s given to %(owner)s"),
}

CODES: Final = {"department": "department", "end": "end"}
"""Facts of a line that are codes, and whose."""

ERRORS: Final[dict[str, Promise]] = {
    "incident.task_empty": _("A task names a department and says what to do. Fill in both."),
    "incident.task_missing": _("There is no such task here. Look for it in the incident’s list of tasks."),
    "incident.task_ended": _("%(by)s ended this task already. Nothing was changed."),
    "incident.task_end_unknown": _("A task ends as done or as not done. Choose one of the two."),
    "incident.task_needs_reason": _("Say in a sentence why the task was not done."),
    "incident.owner_does_not_see": _(
        "%(name)s cannot open incident %(number)s. Name somebody who sees this unit’s incidents."
    ),
}
