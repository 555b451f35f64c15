"""Addresses of incident pages."""

from django.urls import path

from tidings.incidents.pages import (
    affected,
    changes,
    choices,
    effects,
    incident,
    links,
    listing,
    live,
    messages,
    policies,
    reached,
)
from tidings.incidents.pages import grading as grades
from tidings.incidents.pages import question as asking
from tidings.incidents.pages import tasks as running

app_name = "incidents"
urlpatterns = [
    path("", listing.incidents, name="list"),
    path("report/", listing.report, name="report"),
    path("policies/", policies.policies, name="policies"),
    path("policies/confirm/<uuid:ask_id>/", policies.confirm, name="confirm_policy"),
    path("policies/decline/<uuid:ask_id>/", policies.decline, name="decline_policy"),
    path("policies/<str:severity>/", policies.policy, name="policy"),
    path("links/<uuid:contact_id>/end/", links.end, name="revoke_links"),
    path("grading/", grades.table, name="grading"),
    path("grading/remove/", grades.remove, name="grading_remove"),
    path("kinds/", grades.kinds, name="kinds"),
    path("kinds/<str:code>/", grades.kinds, name="kind"),
    path("kinds/<str:code>/retire/", grades.retire, name="retire_kind"),
    path("<str:number>/", incident.show, name="show"),
    path("<str:number>/changes/", live.changes, name="live"),
    path("<str:number>/affected/", affected.affected, name="affected"),
    path("<str:number>/reach/", incident.reach, name="reach"),
    path("<str:number>/reach/<str:phase>/", reached.people, name="people"),
    path("<str:number>/again/<uuid:message_id>/", reached.again, name="again"),
    path("<str:number>/ask/", incident.ask, name="ask"),
    path("<str:number>/note/", incident.note, name="note"),
    path("<str:number>/facts/", changes.facts, name="facts"),
    path("<str:number>/grade/", changes.grade, name="grade"),
    path("<str:number>/move/", changes.move, name="move"),
    path("<str:number>/question/", asking.question, name="question"),
    path("<str:number>/let-go/", asking.let_go, name="let_go"),
    path("<str:number>/by-hand/", asking.by_hand, name="by_hand"),
    path("<str:number>/by-hand/take-back/", asking.take_back, name="take_back"),
    path("<str:number>/effects/", effects.effects, name="effects"),
    path("<str:number>/effect/", changes.effect, name="effect"),
    path("<str:number>/choices/", choices.choices, name="choices"),
    path("<str:number>/choices/<uuid:offer_id>/withdraw/", choices.withdraw, name="withdraw_choice"),
    path("<str:number>/tasks/", running.tasks, name="tasks"),
    path("<str:number>/tasks/add/", running.add, name="add_task"),
    path("<str:number>/tasks/<uuid:task_id>/", running.task, name="task"),
    path("<str:number>/tasks/<uuid:task_id>/done/", running.done_at_once, name="task_done"),
    path("<str:number>/tasks/<uuid:task_id>/hand/", running.hand, name="hand_task"),
    path("<str:number>/write/<str:phase>/", messages.write, name="write"),
    path("<str:number>/send/<str:phase>/", messages.send, name="send"),
    path("<str:number>/review/<uuid:message_id>/", messages.review, name="review"),
]
