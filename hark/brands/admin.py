"""Django's admin: for operators of the installation, to look things up and to switch a user off. Work is done in pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Brand, Invitation, Member, User


class Looking(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows; `writable` names the few fields that an operator changes here. Nothing is added or deleted."""

    writable: tuple[str, ...] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        hidden = {*self.writable, *(self.exclude or ())}
        return [field.name for field in self.opts.fields if field.name not in hidden]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(Looking):
    writable = ("name", "is_active", "is_staff", "is_superuser")
    exclude = ("password", "groups", "user_permissions")
    list_display = ("email", "name", "is_active", "is_staff", "last_login", "joined_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    ordering = ("email",)


@admin.register(Brand)
class BrandAdmin(Looking):
    writable = ("name",)
    list_display = ("name", "slug", "time_zone", "created_at")
    search_fields = ("name", "slug")


@admin.register(Member)
class MemberAdmin(Looking):
    exclude = ("teams", "locations")
    list_display = ("user", "brand", "roles", "joined_at", "left_at")
    list_filter = ("brand",)
    list_select_related = ("user", "brand")
    search_fields = ("user__email", "user__name")


@admin.register(Invitation)
class InvitationAdmin(Looking):
    exclude = ("token_hash",)
    list_display = ("email", "brand", "roles", "created_at", "expires_at", "accepted_at", "withdrawn_at")
    list_select_related = ("brand",)
    search_fields = ("email",)
