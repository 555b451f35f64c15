"""What a person is told after a press of a button: done, or why not."""

from django.contrib import messages

from tidings.kernel.errors import TidingsError
from tidings.people.queries import name_of
from tidings.ui.requests import StaffRequest
from tidings.ui.words import say


def done(request: StaffRequest, sentence: str) -> None:
    messages.success(request, sentence)


def refused(request: StaffRequest, problem: TidingsError) -> None:
    messages.error(request, said(problem))


def said(problem: TidingsError) -> str:
    """The sentence, with the name of whoever was first instead of their reference."""
    if "by" not in problem.facts:
        return say(problem)
    return say(type(problem)(problem.code, **{**problem.facts, "by": name_of(str(problem.facts["by"]))}))
