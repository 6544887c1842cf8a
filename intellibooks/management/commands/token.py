"""API tokens from the command line."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from intellibooks.auth.tokens import SCOPES, create_token, revoke_token
from intellibooks.errors import DomainError
from intellibooks.models import ApiToken

ACTOR = "command line"


class Command(BaseCommand):
    help = "Creates, lists and revokes API tokens. A token is printed once and kept as a hash."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        create = acts.add_parser("create", help="print a new token of a user")
        create.add_argument("user", help="user name")
        create.add_argument("--name", default="command line", help="what it is for")
        create.add_argument("--scope", action="append", choices=list(SCOPES), dest="scopes")
        create.add_argument("--days", type=int, default=0, help="valid for so long; 0: for good")
        create.add_argument("--make-user", action="store_true", help="without a password, if new")
        acts.add_parser("list", help="one line for each token")
        revoke = acts.add_parser("revoke", help="end a token and close its sockets")
        revoke.add_argument("id", type=int, help="as list shows it")

    def handle(self, *args: Any, **options: Any) -> None:
        acts = {"create": self.create, "list": self.list, "revoke": self.revoke}
        try:
            acts[options["act"]](options)
        except DomainError as error:
            raise CommandError(error.error) from error

    def create(self, options: dict[str, Any]) -> None:
        days = options["days"]
        _, secret = create_token(
            self.find_user(options["user"], is_made=options["make_user"]),
            options["name"],
            scopes=options["scopes"] or ("read", "write"),
            expires_at=timezone.now() + timedelta(days=days) if days else None,
            actor=ACTOR,
        )
        self.stdout.write(secret)

    def find_user(self, name: str, *, is_made: bool) -> Any:
        users = get_user_model().objects
        user = users.filter(username=name).first()
        if user is None and is_made:
            return users.create_user(username=name)
        if user is None:
            raise CommandError(f"There is no user {name}. Add --make-user to make one.")
        return user

    def list(self, options: dict[str, Any]) -> None:
        for token in ApiToken.objects.select_related("user"):
            state = "revoked" if token.revoked_at else "expired" if token.is_expired else "valid"
            used = f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never"
            facts = (token.pk, f"{token.prefix}...", token.user, ",".join(token.scopes), state)
            self.stdout.write("  ".join(map(str, (*facts, f"used {used}", token.name))))

    def revoke(self, options: dict[str, Any]) -> None:
        token = ApiToken.objects.filter(pk=options["id"]).first()
        if token is None:
            raise CommandError(f"There is no token {options['id']}.")
        done = revoke_token(token, actor=ACTOR)
        self.stdout.write(f"Token {token.pk} {'revoked' if done else 'was revoked already'}.")
