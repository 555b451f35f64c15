"""The shape of what people type about incidents; one file per page that asks it."""

from tidings.incidents.forms.incident import (
    EffectForm,
    FactsForm,
    GradeForm,
    KeptForm,
    Moment,
    MoveForm,
    QuestionForm,
    ReportForm,
    SeenForm,
    SendForm,
    WriteForm,
    kind_choices,
    severity_choices,
    state_choices,
    title_of,
    words_for_kind,
)

__all__ = [
    "EffectForm",
    "FactsForm",
    "GradeForm",
    "KeptForm",
    "Moment",
    "MoveForm",
    "QuestionForm",
    "ReportForm",
    "SeenForm",
    "SendForm",
    "WriteForm",
    "kind_choices",
    "severity_choices",
    "state_choices",
    "title_of",
    "words_for_kind",
]
