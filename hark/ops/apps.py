from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "hark.ops"
    label = "ops"
