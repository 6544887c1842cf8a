from django.db import migrations

from meetings.search.schema import install, uninstall

SOURCE = "sha256:"  # what imports were known by before they had a field of their own


def move_sources(apps, schema_editor):
    meetings = apps.get_model("meetings", "Meeting")
    for row in meetings.objects.filter(tags__icontains=SOURCE).iterator():
        source = next((tag for tag in row.tags if str(tag).startswith(SOURCE)), "")
        row.source_sha256 = source.removeprefix(SOURCE)[:64]
        row.tags = [tag for tag in row.tags if tag != source]
        row.save(update_fields=["source_sha256", "tags"])


class Migration(migrations.Migration):
    """The full-text index, and imports known by a field instead of a tag."""

    dependencies = [
        ("chat", "0002_people"),
        ("meetings", "0002_review"),
    ]

    operations = [
        migrations.RunPython(move_sources, migrations.RunPython.noop),
        migrations.RunPython(install, uninstall),
    ]
