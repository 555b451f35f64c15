"""Pages of the staff: one's own profile, and for administrators the people and their roles."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def profile(request: HttpRequest) -> HttpResponse:
    return render(request, "people/profile.html")
