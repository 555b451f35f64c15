"""What people do with an incident, one file per verb. Each function is one transaction; nothing else writes here."""

from tidings.incidents.actions.again import act_on_unreached, send_phase_again
from tidings.incidents.actions.agree import client_agrees, note_client_agrees
from tidings.incidents.actions.change import Facts, add_note, change_facts
from tidings.incidents.actions.choice import Chooser, choose, offer_choice, settle_choices, withdraw_choice
from tidings.incidents.actions.correct import What, correct_what
from tidings.incidents.actions.effects import set_effect, set_effect_of
from tidings.incidents.actions.family import set_parent
from tidings.incidents.actions.follow import ask_all_whole, ask_whole, follow_shipments, let_change_go
from tidings.incidents.actions.grade import change_grade
from tidings.incidents.actions.grading import (
    add_grading_row,
    confirm_grading,
    decline_grading,
    end_grading_row,
    retire_kind,
    save_kind,
)
from tidings.incidents.actions.here import be_here
from tidings.incidents.actions.holding import review_holding
from tidings.incidents.actions.links import revoke_links
from tidings.incidents.actions.move import close_incident, dismiss_incident, move_incident
from tidings.incidents.actions.opened import close_cell, confirm_cell, decline_cell, open_cell
from tidings.incidents.actions.owed import (
    end_promise,
    escalate_promises,
    note_legal,
    pass_on_law,
    pass_on_promises,
    promise_customer,
)
from tidings.incidents.actions.own import pass_on
from tidings.incidents.actions.pick_customers import pick_customers
from tidings.incidents.actions.policies import change_policy, confirm_policy, decline_policy
from tidings.incidents.actions.report import Report, open_incident
from tidings.incidents.actions.review import (
    Lessons,
    add_corrective,
    check_task,
    record_unreachable,
    write_review,
)
from tidings.incidents.actions.scope import ask_question, change_question, find_affected, pick_by_hand
from tidings.incidents.actions.send import Outcome, complete_phase, send_phase, tell_phase
from tidings.incidents.actions.tasks import add_task, finish_task, hand_task, pass_on_tasks
from tidings.incidents.actions.team import answer_call, call_in, escalate_calls, set_hotline
from tidings.incidents.actions.undone import leave_undone, raise_undone
from tidings.incidents.actions.write import write_completion, write_phase

__all__ = [
    "Chooser",
    "Facts",
    "Lessons",
    "Outcome",
    "Report",
    "What",
    "act_on_unreached",
    "add_corrective",
    "add_grading_row",
    "add_note",
    "add_task",
    "answer_call",
    "ask_all_whole",
    "ask_question",
    "ask_whole",
    "be_here",
    "call_in",
    "change_facts",
    "change_grade",
    "change_policy",
    "change_question",
    "check_task",
    "choose",
    "client_agrees",
    "close_cell",
    "close_incident",
    "complete_phase",
    "confirm_cell",
    "confirm_grading",
    "confirm_policy",
    "correct_what",
    "decline_cell",
    "decline_grading",
    "decline_policy",
    "dismiss_incident",
    "end_grading_row",
    "end_promise",
    "escalate_calls",
    "escalate_promises",
    "find_affected",
    "finish_task",
    "follow_shipments",
    "hand_task",
    "leave_undone",
    "let_change_go",
    "move_incident",
    "note_client_agrees",
    "note_legal",
    "offer_choice",
    "open_cell",
    "open_incident",
    "pass_on",
    "pass_on_law",
    "pass_on_promises",
    "pass_on_tasks",
    "pick_by_hand",
    "pick_customers",
    "promise_customer",
    "raise_undone",
    "record_unreachable",
    "retire_kind",
    "review_holding",
    "revoke_links",
    "save_kind",
    "send_phase",
    "send_phase_again",
    "set_effect",
    "set_effect_of",
    "set_hotline",
    "set_parent",
    "settle_choices",
    "tell_phase",
    "withdraw_choice",
    "write_completion",
    "write_phase",
    "write_review",
]
