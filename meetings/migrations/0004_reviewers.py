from django.db import migrations

from meetings.desk.reviewers import dismiss_reviewers, set_up_reviewers


class Migration(migrations.Migration):
    """The group of those who review meetings."""

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("meetings", "0003_search_index"),
    ]

    operations = [migrations.RunPython(set_up_reviewers, dismiss_reviewers)]
