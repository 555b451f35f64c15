"""What spans domains on a page: the worklist, the search, the settings index, the keys."""

from django.http import HttpResponse
from django.shortcuts import render

from tidings.ui.requests import StaffRequest


def worklist(request: StaffRequest) -> HttpResponse:
    return render(request, "home/worklist.html")


def search(request: StaffRequest) -> HttpResponse:
    return render(request, "home/search.html", {"text": request.GET.get("q", "").strip()})


def settings_index(request: StaffRequest) -> HttpResponse:
    request.actor.require("installation.read")
    return render(request, "home/settings.html")


def keys(request: StaffRequest) -> HttpResponse:
    return render(request, "home/keys.html")
