from django.apps import AppConfig


class CompositionConfig(AppConfig):
    name = "postroom.composition"
    label = "composition"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from postroom.composition import fonts_own

        fonts_own.register()
