"""What a person is told after a press of a button: done, or why not."""

from django.contrib import messages

from tidings.kernel.errors import TidingsError
from tidings.ui.requests import StaffRequest
from tidings.ui.words import say


def done(request: StaffRequest, sentence: str) -> None:
    messages.success(request, sentence)


def refused(request: StaffRequest, problem: TidingsError) -> None:
    messages.error(request, say(problem))
