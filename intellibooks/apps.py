from django.apps import AppConfig
from django.core import checks

from intellibooks.checkup.system import report_openness


class IntellibooksConfig(AppConfig):
    name = "intellibooks"

    def ready(self) -> None:
        checks.register(report_openness, deploy=True)
