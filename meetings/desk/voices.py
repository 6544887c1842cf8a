"""Naming, merging and assigning speakers from the page of a meeting."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest

from intellibooks.errors import InvalidRequest
from meetings import speakers
from meetings.desk.forms import MOST_SEGMENTS, AssignForm, MergeForm, RenameForm
from meetings.models import Meeting

Change = Callable[[Meeting, HttpRequest], str]


def rename(meeting: Meeting, request: HttpRequest) -> str:
    wishes = require(RenameForm(request.POST))
    speakers.rename_speaker(meeting, wishes["label"], wishes["name"])
    return f"Renamed {wishes['label']}."


def merge(meeting: Meeting, request: HttpRequest) -> str:
    wishes = require(MergeForm(request.POST))
    speakers.merge_speakers(meeting, wishes["label"], wishes["into"])
    return f"Merged {wishes['label']} into {wishes['into']}."


def assign(meeting: Meeting, request: HttpRequest) -> str:
    wishes = require(AssignForm(request.POST))
    keys = request.POST.getlist("segment")
    if not 0 < len(keys) <= MOST_SEGMENTS:
        raise InvalidRequest(f"Choose 1 to {MOST_SEGMENTS} segments.")
    speakers.assign_segments(meeting, keys, wishes["speaker"])
    return f"Assigned {len(keys)} segments."


CHANGES: dict[str, Change] = {"rename": rename, "merge": merge, "assign": assign}


def change_voices(meeting: Meeting, request: HttpRequest) -> str:
    """What was done, without names: the admin's history keeps it. Raises DomainError."""
    change = CHANGES.get(request.POST.get("change", ""))
    if change is None:
        raise InvalidRequest(f"Ask for one of {', '.join(CHANGES)}.")
    return change(meeting, request)


def require(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        name, problems = next(iter(form.errors.items()))
        raise InvalidRequest(f"{name}: {problems[0]}")
    return form.cleaned_data
