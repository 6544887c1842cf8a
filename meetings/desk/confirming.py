"""Every act of the desk in two steps: a page that says what will happen and how much, then it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from intellibooks import audit
from intellibooks.errors import DomainError
from intellibooks.identity import Identity
from meetings import exporting, services
from meetings.desk.acts import DELETE, EXPORT, Act, may
from meetings.desk.safety import protect
from meetings.desk.subjects import Subject, read_subjects
from meetings.export_views import SteppedResponse, describe_file
from meetings.models import Meeting
from meetings.timeline import format_clock

MOST = exporting.MOST_MEETINGS
USUAL_FORMATS = ("md", "json", "vtt")
TEMPLATE = "admin/meetings/meeting/confirm.html"


@dataclass(frozen=True, slots=True)
class Line:
    """One meeting on the page: what will happen to it, or why nothing will."""

    subject: Subject
    text: str
    is_possible: bool

    @property
    def length(self) -> str:
        return format_clock(self.subject.duration_ms / 1000)


def answer(
    admin: Any, request: HttpRequest, act: Act, ids: Sequence[str]
) -> HttpResponseBase | None:
    """The page, the archive, or None when it was done. Raises PermissionDenied."""
    if not may(request.user, act):
        raise PermissionDenied
    if len(ids) > MOST:
        messages.error(request, f"That are more than {MOST} meetings. Choose fewer.")
        return None
    if request.POST.get("confirmed") != "yes":
        return ask(admin, request, act, ids)
    if act.name == EXPORT:
        return send_archive(admin, request, act, ids)
    do(admin, request, act, ids)
    return None


def ask(admin: Any, request: HttpRequest, act: Act, ids: Sequence[str]) -> TemplateResponse:
    lines = [foresee(act, subject) for subject in read_subjects(ids)]
    chosen = [line.subject for line in lines if line.is_possible]
    context = {
        **admin.admin_site.each_context(request),
        "title": act.label,
        "is_nav_sidebar_enabled": False,
        "opts": admin.opts,
        "media": admin.media,
        "act": act,
        "lines": lines,
        "chosen": chosen,
        "refused": len(lines) - len(chosen),
        "length": format_clock(sum(one.duration_ms for one in chosen) / 1000),
        "audio_bytes": sum(one.audio_bytes for one in chosen),
        "segments": sum(one.segments for one in chosen),
        "checkbox": ACTION_CHECKBOX_NAME,
        "formats": exporting.NAMES if act.name == EXPORT else (),
        "usual_formats": USUAL_FORMATS,
    }
    request.current_app = admin.admin_site.name
    return protect(TemplateResponse(request, TEMPLATE, context))


def foresee(act: Act, subject: Subject) -> Line:
    try:
        return Line(subject, act.foresee(subject), True)
    except DomainError as refusal:
        return Line(subject, refusal.error, False)


def do(admin: Any, request: HttpRequest, act: Act, ids: Sequence[str]) -> None:
    """Each meeting by itself: one that refuses does not keep the others back."""
    actor = identify_staff(request)
    done, refused = 0, []
    for meeting_id in ids:
        try:
            meeting = services.get_meeting(meeting_id)
            outcome = act.run(meeting, actor)
        except DomainError as refusal:
            refused.append(f"{meeting_id[:64]}: {refusal.error}")
            continue
        done += 1
        note(admin, request, act, meeting, outcome)
    if done:
        messages.success(request, f"{act.label}: {done} {'meeting' if done == 1 else 'meetings'}.")
    for problem in refused[:10]:
        messages.error(request, problem)


def send_archive(
    admin: Any, request: HttpRequest, act: Act, ids: Sequence[str]
) -> HttpResponseBase | None:
    names = request.POST.getlist("formats")
    try:
        exporting.check_formats(names)
        meetings = exporting.find_meetings(ids)
    except DomainError as refusal:
        messages.error(request, refusal.error)
        return None
    for meeting in meetings:
        note(admin, request, act, meeting, f"exported as {', '.join(names)}", formats=names)
    steps = exporting.export_archive(meetings, names)
    return SteppedResponse(steps, headers=describe_file("meetings.zip", "application/zip"))


def note(
    admin: Any, request: HttpRequest, act: Act, meeting: Meeting, outcome: str, **facts: Any
) -> None:
    """In the history of the admin and in the audit log."""
    if act.name == DELETE:
        admin.log_deletions(request, [meeting])
    else:
        admin.log_change(request, meeting, f"{act.label}: {outcome}.")
    actor = request.user.get_username()
    audit.record(f"desk.{act.name}", actor=actor, target=meeting.pk, **act.facts, **facts)


def identify_staff(request: HttpRequest) -> Identity:
    """The staff user of an admin page, as the services know people."""
    name = request.user.get_username()
    return Identity(user_id=name, is_verified=True, is_staff=True, via="session")
