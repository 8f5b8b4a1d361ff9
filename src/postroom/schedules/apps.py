from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    name = "postroom.schedules"
    label = "schedules"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell ``composition`` what schedules use of templates (ARCHITECTURE.md, rule 3)."""
        from postroom.composition.where_used import register
        from postroom.schedules.uses import uses_of

        register("schedules", uses_of)
