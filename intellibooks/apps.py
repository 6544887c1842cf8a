from django.apps import AppConfig


class IntellibooksConfig(AppConfig):
    name = "intellibooks"
