"""How the pages of the desk write numbers."""

from django import template

from meetings.desk.page import VOICE_COLOURS
from meetings.timeline import format_clock

MINUTE = 60
register = template.Library()


@register.filter
def clock(milliseconds: int) -> str:
    return format_clock(milliseconds / 1000)


@register.filter
def seconds_clock(seconds: float) -> str:
    return format_clock(float(seconds))


@register.filter
def seconds(value: float) -> str:
    """``0.4 s``, or a clock from a minute on."""
    return format_clock(value) if value >= MINUTE else f"{value:.1f} s"


@register.filter
def percent(share: float) -> str:
    return f"{share:.0%}"


@register.filter
def colour(place: int) -> int:
    return place % VOICE_COLOURS
