"""Routes of authentication; each answers with and without a slash at its end."""

from django.urls import re_path

from intellibooks.auth.views import LoginView, LogoutView, MeView, TicketView

urlpatterns = [
    re_path(r"^auth/login/?$", LoginView.as_view(), name="login"),
    re_path(r"^auth/logout/?$", LogoutView.as_view(), name="logout"),
    re_path(r"^auth/me/?$", MeView.as_view(), name="me"),
    re_path(r"^auth/ws-ticket/?$", TicketView.as_view(), name="ws-ticket"),
]
