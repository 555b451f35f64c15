"""The shape of what people type about incidents; one file per page that asks it."""

from tidings.incidents.forms.closing import CheckForm, CorrectiveForm, ParentForm, ReviewForm, UnreachableForm
from tidings.incidents.forms.grading import GradingRowForm, KindForm
from tidings.incidents.forms.incident import (
    FactsForm,
    GradeForm,
    KeptForm,
    Moment,
    MoveForm,
    ReportForm,
    SeenForm,
    SendForm,
    WhatForm,
    WriteForm,
    kind_choices,
    severity_choices,
    state_choices,
    title_of,
    words_for_kind,
)
from tidings.incidents.forms.owed import EndPromiseForm, LegalForm, PromiseForm
from tidings.incidents.forms.policies import PolicyForm
from tidings.incidents.forms.question import QuestionBuilder
from tidings.incidents.forms.running import FinishForm, HandForm, TaskForm
from tidings.incidents.forms.scope import EffectForm, MeaningForm, PickForm
from tidings.incidents.forms.team import AnswerForm, CallForm, HotlineForm

__all__ = [
    "AnswerForm",
    "CallForm",
    "CheckForm",
    "CorrectiveForm",
    "EffectForm",
    "EndPromiseForm",
    "FactsForm",
    "FinishForm",
    "GradeForm",
    "GradingRowForm",
    "HandForm",
    "HotlineForm",
    "KeptForm",
    "KindForm",
    "LegalForm",
    "MeaningForm",
    "Moment",
    "MoveForm",
    "ParentForm",
    "PickForm",
    "PolicyForm",
    "PromiseForm",
    "QuestionBuilder",
    "ReportForm",
    "ReviewForm",
    "SeenForm",
    "SendForm",
    "TaskForm",
    "UnreachableForm",
    "WhatForm",
    "WriteForm",
    "kind_choices",
    "severity_choices",
    "state_choices",
    "title_of",
    "words_for_kind",
]
