from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "postroom.delivery"
    label = "delivery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell ``documents`` what we know of its documents (ARCHITECTURE.md, rule 4)."""
        from postroom.delivery.guards import reasons_of
        from postroom.delivery.timeline import entries_of
        from postroom.documents import guards, timeline

        timeline.register("delivery", entries_of)
        guards.register("delivery", reasons_of)
