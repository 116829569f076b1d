"""Accounts for operators: their state, never their credentials."""

from django.contrib import admin

from hark.brands.admin import Looking

from .models import Account


@admin.register(Account)
class AccountAdmin(Looking):
    exclude = ("encrypted", "settings", "cursor")
    list_display = ("handle", "channel", "brand", "health", "last_seen_at", "disconnected_at")
    list_filter = ("channel", "health", "brand")
    list_select_related = ("brand",)
    search_fields = ("handle", "name")
