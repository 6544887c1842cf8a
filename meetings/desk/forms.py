"""What a reviewer types in."""

from typing import Any

from django import forms

from meetings.library.forms import ChangeRequest
from meetings.models import Meeting

LONGEST_NAME = 200  # what is longer than a name is refused with the name's own words
LONGEST_TAGS = 1100  # 20 of 50 characters, with commas
MOST_SEGMENTS = 900  # of one form: Django reads at most 1000 fields


class MeetingForm(forms.ModelForm):  # type: ignore[type-arg]
    title = forms.CharField(max_length=200, required=False)
    tags = forms.CharField(max_length=LONGEST_TAGS, required=False, help_text="with commas between")

    class Meta:
        model = Meeting
        fields = ("title", "tags", "language")
        help_texts = {"language": "such as en or pt-BR; counts from the next processing on"}  # noqa: RUF012 - Django's way

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["title"] = self.instance.conversation.title
            self.initial["tags"] = ", ".join(map(str, self.instance.tags))

    def clean_tags(self) -> list[str]:
        return [tag for part in self.cleaned_data["tags"].split(",") if (tag := part.strip())]

    def clean(self) -> dict[str, Any]:
        """As the API would have it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        asked = ChangeRequest(data=cleaned)
        if not asked.is_valid():
            for name, problems in asked.errors.items():
                self.add_error(name, [str(problem) for problem in flatten(problems)])
        return cleaned


def flatten(problems: Any) -> list[Any]:
    """DRF tells the problems of a list by their places in it."""
    if isinstance(problems, dict):
        return [one for each in problems.values() for one in each]
    return list(problems)


class RenameForm(forms.Form):
    label = forms.CharField(max_length=LONGEST_NAME)
    name = forms.CharField(max_length=LONGEST_NAME, required=False, strip=False)


class MergeForm(forms.Form):
    label = forms.CharField(max_length=LONGEST_NAME)
    into = forms.CharField(max_length=LONGEST_NAME)


class AssignForm(forms.Form):
    """The segments' keys come as one field each."""

    speaker = forms.CharField(max_length=LONGEST_NAME, strip=False)
