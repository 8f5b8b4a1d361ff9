from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "postroom.delivery"
    label = "delivery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell ``documents`` what we add to a document's timeline (ARCHITECTURE.md, rule 4)."""
        from postroom.delivery.timeline import entries_of
        from postroom.documents.timeline import register

        register("delivery", entries_of)
