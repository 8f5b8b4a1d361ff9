from django.apps import AppConfig


class ProductionConfig(AppConfig):
    name = "postroom.production"
    label = "production"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell ``documents`` what a run has against deleting its documents (ARCHITECTURE.md, rule 4)."""
        from postroom.documents.guards import register
        from postroom.production.guards import reasons_of

        register("production", reasons_of)
