"""The service's own address leads to the console."""

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect


def front(request: HttpRequest) -> HttpResponseRedirect:
    return redirect("/console/")
