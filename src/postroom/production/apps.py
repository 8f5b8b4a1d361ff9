from django.apps import AppConfig


class ProductionConfig(AppConfig):
    name = "postroom.production"
    label = "production"
    default_auto_field = "django.db.models.BigAutoField"
