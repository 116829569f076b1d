from django.apps import AppConfig


class MovesConfig(AppConfig):
    name = "hark.moves"
    label = "moves"
    default_auto_field = "django.db.models.BigAutoField"
