from django.apps import AppConfig


class CompositionConfig(AppConfig):
    name = "postroom.composition"
    label = "composition"
    default_auto_field = "django.db.models.BigAutoField"
