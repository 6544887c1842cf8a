"""The queues' pages show every job's arguments and start and stop them: for superusers alone."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

PLACE = "/admin/django_rq/"


class GuardQueues:
    """Django middleware: the pages themselves let in whoever is staff, and so reviewers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Somebody unknown is sent to the login by the pages. Raises PermissionDenied."""
        user = request.user
        if request.path_info.startswith(PLACE) and user.is_authenticated and not user.is_superuser:
            raise PermissionDenied
        return self.get_response(request)
