"""API tokens, shown once when they are made; the audit log, to read."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from intellibooks.auth.tokens import SCOPES, create_token, revoke_token
from intellibooks.models import ApiToken, AuditEntry


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]
    scopes = forms.MultipleChoiceField(
        choices=[(name, name) for name in SCOPES],
        initial=["read", "write"],
        widget=forms.CheckboxSelectMultiple,
        help_text="admin lets a token of a staff user act as staff",
    )

    class Meta:
        model = ApiToken
        fields = ("user", "name", "scopes", "expires_at")


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("prefix", "name", "user", "scopes", "created_at", "last_used_at", "state")
    list_filter = ("revoked_at",)
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__username")
    actions = ("revoke",)
    form = TokenForm
    seen: ClassVar[tuple[str, ...]] = (
        *("user", "name", "prefix", "scopes", "created_at"),
        *("expires_at", "last_used_at", "revoked_at"),
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.seen if obj else TokenForm.Meta.fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # made and revoked, never edited

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the audit log refers to it

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        token, secret = create_token(
            obj.user,
            obj.name,
            scopes=obj.scopes,
            expires_at=obj.expires_at,
            actor=request.user.get_username(),
        )
        obj.pk = token.pk
        messages.success(request, f"The token, shown this once: {secret}")

    @admin.display(description="state")
    def state(self, token: ApiToken) -> str:
        return "revoked" if token.revoked_at else "expired" if token.is_expired else "valid"

    @admin.action(description="Revoke the selected tokens", permissions=["add"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        actor = request.user.get_username()
        revoked = sum(revoke_token(token, actor=actor) for token in queryset)
        self.message_user(request, f"{revoked} tokens revoked.")


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("created_at", "actor", "action", "target", "outcome", "address")
    list_filter = ("action", "outcome", "created_at")
    search_fields = ("actor", "target", "request_id", "address")
    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
