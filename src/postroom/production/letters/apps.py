from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "postroom.production.letters"
    label = "letters"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell ``documents`` what is known of a document that somebody wrote (ARCHITECTURE.md, rule 3)."""
        from postroom.documents.timeline import register
        from postroom.production.letters.telling import told_of

        register("letters", told_of)
