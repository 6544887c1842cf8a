"""The group of people who review: they read, name voices and process again, and delete nothing."""

from typing import Any

NAME = "Reviewers"
REVIEWED = ("meeting", "segment", "speaker")
READ = (
    *("audiochunk", "conflictingchunk", "stageresult", "stagerevision", "segmentedit"),
    *("speakerrange", "transition", "webhookdelivery"),
)
ON_MEETINGS = {
    "reprocess_meeting": "Can process meetings again",
    "export_meeting": "Can export meetings",
}


def set_up_reviewers(apps: Any, schema_editor: Any = None) -> None:
    """The group with its permissions, whatever it had before; the same when called again.

    Django makes permissions after all migrations have run, so those that are needed are made here.
    """
    wanted = {f"view_{model}": (model, f"Can view {model}") for model in (*REVIEWED, *READ)}
    wanted |= {f"change_{model}": (model, f"Can change {model}") for model in REVIEWED}
    wanted |= {codename: ("meeting", words) for codename, words in ON_MEETINGS.items()}
    permission = apps.get_model("auth", "Permission")
    content_type = apps.get_model("contenttypes", "ContentType")
    found = []
    for codename, (model, words) in wanted.items():
        kind, _ = content_type.objects.get_or_create(app_label="meetings", model=model)
        row, _ = permission.objects.get_or_create(
            content_type=kind, codename=codename, defaults={"name": words}
        )
        found.append(row)
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=NAME)
    group.permissions.set(found)


def dismiss_reviewers(apps: Any, schema_editor: Any = None) -> None:
    apps.get_model("auth", "Group").objects.filter(name=NAME).delete()
