"""The admin of meetings: a list to find them in, a page to review one, acts upon both."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from chat import events
from intellibooks import audit
from intellibooks.errors import DomainError
from meetings import services
from meetings.desk import acts, columns, confirming, filters, voices
from meetings.desk.chunk_sound import answer_chunk
from meetings.desk.forms import MeetingForm
from meetings.desk.overview import read_overview
from meetings.desk.page import read_page
from meetings.desk.safety import protect
from meetings.desk.subjects import list_ids
from meetings.library.changing import change_meeting
from meetings.models import AudioChunk, Meeting, MeetingQuerySet

TEMPLATES = "admin/meetings/meeting"
WIDE = {"is_nav_sidebar_enabled": False}  # nine columns and a filter fill 1280 pixels


class MeetingAdmin(columns.MeetingColumns, admin.ModelAdmin):  # type: ignore[type-arg]
    form = MeetingForm
    fields = ("title", "tags", "language")
    list_display = (
        *("state", "name", "started", "length", "chunk_counts", "words"),
        *("speakers", "mood", "heard"),
    )
    list_display_links = None
    list_filter = (
        *("status", filters.FailedStageFilter, filters.AudioFilter, "ended_abruptly"),
        *(filters.MoodFilter, filters.LengthFilter, "created_at", filters.EngineFilter),
        *("language", filters.TagFilter, filters.OwnerFilter),
    )
    search_fields = ("conversation__title",)
    search_help_text = (
        "Searches titles, ids, speakers, summaries, chat and every word that was said."
    )
    date_hierarchy = "created_at"
    show_full_result_count = False
    list_per_page = 50
    change_list_template = f"{TEMPLATES}/change_list.html"
    change_form_template = f"{TEMPLATES}/change_form.html"

    class Media:
        css = {"all": ("desk/desk.css",)}  # noqa: RUF012 - Django's way
        js = ("desk/desk.js",)

    # --- Who may what -------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # meetings are recorded or imported

    # --- The list -----------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> MeetingQuerySet:
        return columns.annotate_list(Meeting.objects.all())

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return columns.DeskList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Meeting], search_term: str
    ) -> tuple[QuerySet[Meeting], bool]:
        return columns.search(queryset, search_term), False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        possible = (act for act in acts.ACTS if act.is_listed and acts.may(request.user, act))
        return {act.name: (offer(act), act.name, act.label) for act in possible}

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            **(extra_context or {}),
            "title": "Meetings",
            **WIDE,
            "overview": read_overview() if request.method == "GET" else None,
        }
        return protect(super().changelist_view(request, context))

    # --- The page -----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        own: list[tuple[str, Callable[..., Any], str]] = [
            ("acts/<slug:name>/", self.act_view, "act"),
            ("speakers/", require_POST(self.voices_view), "speakers"),
            ("chunks/<int:index>/audio", self.chunk_view, "chunk"),
        ]
        routes = [
            path(f"<str:object_id>/{place}", self.admin_site.admin_view(view), name=route(name))
            for place, view, name in own
        ]
        return [*routes, *super().get_urls()]

    def view_on_site(self, meeting: Meeting) -> str:
        return f"/console/m/{meeting.pk}"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        # Django opens a transaction here: our turn to write comes before it, never inside.
        if request.method == "POST":
            with events.turn_to_write():
                return super().changeform_view(request, object_id, form_url, extra_context)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        meeting = kwargs.get("obj")
        if meeting is not None:
            asked = request.GET.get("page", "1")
            page = int(asked) if asked.isdecimal() and len(asked) < 6 else 1  # noqa: PLR2004 - no page has six digits
            context |= read_page(meeting, request.user, page=page)
            context["title"] = meeting.conversation.title or "Untitled meeting"
            context |= {"subtitle": None, "show_delete": False, **WIDE}
            context["can_name"] = request.user.has_perm("meetings.change_speaker")
        return protect(super().render_change_form(request, context, *args, **kwargs))

    def save_model(self, request: HttpRequest, obj: Meeting, form: Any, change: bool) -> None:
        wishes = {name: form.cleaned_data[name] for name in form.changed_data}
        change_meeting(obj, **wishes)
        actor = request.user.get_username()
        audit.record("desk.change", actor=actor, target=obj.pk, fields=form.changed_data)

    def delete_view(  # type: ignore[override] # an answer of any kind, as everywhere here
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponseBase:
        """Not Django's own: it would list every segment, and leave the files."""
        return self.act_view(request, object_id, acts.DELETE)

    def act_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponseBase:
        """The confirmation of one act upon this meeting, and the act."""
        act = acts.BY_NAME.get(name)
        meeting = self.find(request, object_id)
        if act is None:
            raise Http404
        answer = confirming.answer(self, request, act, [meeting.pk])
        if answer is not None:
            return answer
        if Meeting.objects.filter(pk=meeting.pk).exists():
            return self.back_to(meeting)
        return redirect("admin:meetings_meeting_changelist")

    def voices_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """A name, a merge or an assignment of speakers."""
        meeting = self.find(request, object_id)
        if not request.user.has_perm("meetings.change_speaker"):
            raise PermissionDenied
        try:
            done = voices.change_voices(meeting, request)
        except DomainError as refusal:
            messages.error(request, refusal.error)
            return self.back_to(meeting, "#speakers")
        change = request.POST["change"]
        self.log_change(request, meeting, done)
        actor = request.user.get_username()
        audit.record("desk.speakers", actor=actor, target=meeting.pk, change=change)
        messages.success(request, done)
        return self.back_to(meeting, "#speakers" if change != "assign" else "#transcript")

    def chunk_view(self, request: HttpRequest, object_id: str, index: int) -> HttpResponseBase:
        meeting = self.find(request, object_id)
        return answer_chunk(get_object_or_404(AudioChunk, meeting=meeting, index=index))

    def find(self, request: HttpRequest, object_id: str) -> Meeting:
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            return services.get_meeting(unquote(object_id))
        except DomainError as error:
            raise Http404 from error

    def back_to(self, meeting: Meeting, place: str = "") -> HttpResponseRedirect:
        page = reverse("admin:meetings_meeting_change", args=[quote(meeting.pk)])
        return HttpResponseRedirect(page + place)


def route(name: str) -> str:
    return f"meetings_meeting_{name}"


def offer(act: acts.Act) -> Callable[..., HttpResponseBase | None]:
    """The act as Django's list of meetings calls it."""

    def answer(
        admin: MeetingAdmin, request: HttpRequest, queryset: QuerySet[Meeting]
    ) -> HttpResponseBase | None:
        return confirming.answer(admin, request, act, list_ids(queryset, confirming.MOST))

    return answer
