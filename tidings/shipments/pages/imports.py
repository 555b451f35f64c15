"""Importing a file: send it, look at it, choose or make a profile, check, import, and see what came of it."""

from dataclasses import replace
from datetime import datetime
from typing import BinaryIO, cast
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from tidings.kernel import files
from tidings.kernel.errors import Conflict, Missing, Refused, TidingsError
from tidings.kernel.installation import firm_time_zone
from tidings.shipments import actions
from tidings.shipments.actions.imports import MAX_FILE_BYTES
from tidings.shipments.forms.imports import ChoiceForm, UploadForm
from tidings.shipments.forms.mapping import TARGETS, MappingForm
from tidings.shipments.forms.uploads import Upload, head_of, recognised, upload_of
from tidings.shipments.queries import runs
from tidings.shipments.queries.imports import profile_digest
from tidings.ui.export import Streamed
from tidings.ui.requests import StaffRequest
from tidings.ui.words import say


def imports(request: StaffRequest) -> HttpResponse:
    """The files imported so far, and where a new one is sent."""
    form = UploadForm(most_bytes=MAX_FILE_BYTES)
    if request.method == "POST":
        request.actor.require("shipment.import")
        form = UploadForm(request.POST, request.FILES, most_bytes=MAX_FILE_BYTES)
        if form.is_valid():
            try:
                return redirect("shipments:import_file", _kept(form.cleaned_data["file"]).token)
            except Refused as refused:
                form.add_error("file", say(refused))
    found = runs.latest_runs(request.actor, _moment(request.GET.get("before", "")))
    shown = found[: runs.PER_PAGE]
    values = {
        "form": form,
        "runs": shown,
        "next": shown[-1].row.asked_at.isoformat() if len(found) > runs.PER_PAGE else "",
    }
    return render(request, "shipments/imports.html", values, status=422 if form.errors else 200)


def import_file(request: StaffRequest, token: str) -> HttpResponse:
    """One file that was sent: its first rows, and the choice of a profile."""
    request.actor.require("shipment.import")
    upload = upload_of(token)
    form = ChoiceForm(request.POST or None, initial={"profile": request.GET.get("profile", "")})
    if request.method == "POST" and form.is_valid():
        try:
            run = actions.start_import(
                request.actor,
                upload.digest,
                form.kind,
                form.cleaned_data["profile"],
                file_name=upload.name,
                dry_run=request.POST.get("do") != "import",
            )
            return redirect("shipments:import_run", run)
        except (Refused, Missing) as refused:
            form.add_error("profile", say(refused))
    values = {"upload": upload, "head": head_of(upload), "form": form, "token": token, "kinds": TARGETS}
    return render(request, "shipments/import_file.html", values, status=422 if form.errors else 200)


def import_mapping(request: StaffRequest, token: str, kind: str) -> HttpResponse:
    """Which column holds what; saved as a profile, and checked by a dry run."""
    request.actor.require("shipment.import")
    if kind not in TARGETS:
        raise Missing("import.file_missing")
    upload = upload_of(token)
    head = head_of(upload)
    stem = upload.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    initial = {"name": stem[:80], "time_zone": str(firm_time_zone()), "decimal": ".", "language": "en"}
    form = MappingForm(kind, head, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen_digest"]
            actions.save_profile(request.actor, form.code, form.text(), seen_digest=seen)
            run = actions.start_import(
                request.actor, upload.digest, kind, form.code, file_name=upload.name, dry_run=True
            )
            return redirect("shipments:import_run", run)
        except Refused as refused:
            form.add_error(None, say(refused))
        except Conflict as taken:
            form.told_of(profile_digest(form.code))
            form.add_error("name", say(taken))
    values = {"upload": upload, "head": head, "form": form, "token": token, "kind": kind}
    return render(request, "shipments/import_mapping.html", values, status=422 if form.errors else 200)


def import_run(request: StaffRequest, run_id: UUID) -> HttpResponse:
    """How far an import is, and what came of it. HTMX asks for the changing part alone."""
    run = runs.run_of(request.actor, run_id)
    problem = TidingsError(run.row.error_code, **run.row.error_facts) if run.row.error_code else None
    values = {"run": run, "problem": say(problem) if problem else "", "token": _token_of(run)}
    part = "shipments/_import_run.html" if request.htmx else "shipments/import_run.html"
    answer = render(request, part, values)
    answer.headers["Vary"] = "HX-Request"
    return answer


@require_POST
def import_again(request: StaffRequest, run_id: UUID) -> HttpResponseRedirect:
    """The import that a dry run was made for: the same file by the profile as it was then."""
    row = runs.run_of(request.actor, run_id).row
    run = actions.start_import(
        request.actor, row.file_digest, row.kind, row.profile, text=row.profile_text, file_name=row.file_name
    )
    return HttpResponseRedirect(reverse("shipments:import_run", args=[run]))


def import_rejected(request: StaffRequest, run_id: UUID) -> HttpResponseBase:
    """The rows that could not be taken, with line and reason, as a file that can be mended and imported again."""
    row = runs.run_of(request.actor, run_id).row
    if not row.reject_digest:
        raise Missing("import.missing")
    stem, dot, ending = row.file_name.rpartition(".")
    name = f"{stem or ending}-rejected.{ending if dot else 'csv'}"
    answer = Streamed(files.stream(row.reject_digest), content_type="text/csv")
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


def _kept(sent: "UploadedFile[bytes]") -> Upload:
    """Looks at a file before it is kept, so that what is no table leaves nothing behind."""
    name = sent.name or "file.csv"
    stream = cast(BinaryIO, sent.file)
    looked_at = recognised(stream, "", name)
    stream.seek(0)
    digest = files.keep(stream, max_bytes=MAX_FILE_BYTES)
    return replace(looked_at, digest=digest)


def _token_of(run: runs.Run) -> str:
    """The way back to the file's own page; empty where the file came by a command and was not kept."""
    row = run.row
    if not row.file_digest:
        return ""
    return Upload(row.file_digest, row.file_name, "csv", "", "", "", row.bytes_total).token


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
