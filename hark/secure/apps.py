from django.apps import AppConfig


class SecureConfig(AppConfig):
    name = "hark.secure"
    label = "secure"
    default_auto_field = "django.db.models.BigAutoField"
