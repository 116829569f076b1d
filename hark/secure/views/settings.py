"""The brand's rules for secure pages, and the forms that it asks customers to fill in there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from hark.brands import settings_tabs
from hark.brands.access import AgentRequest, member_may
from hark.brands.models import Brand
from hark.brands.permissions import Permission
from hark.secure import asking, scanning
from hark.secure.models import AskedForm, Rules

MOST_FACTS = 4
changes = member_may(Permission.CHANGE_TARGETS)


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]
    questions = forms.CharField(
        label=gettext_lazy("What only the customer knows: one question a line"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The agent fills in the answers they know; the customer must give the same."),
    )

    class Meta:
        model = Rules
        fields = ["link_hours", "open_days", "keep_days", "always_check"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["questions"] = "\n".join(self.instance.facts)

    def clean_questions(self) -> list[str]:
        told = [line.strip() for line in self.cleaned_data["questions"].splitlines() if line.strip()]
        if len(told) > MOST_FACTS or any(len(line) > 60 for line in told):
            raise forms.ValidationError(
                _("At most %(most)s questions of at most 60 letters."), params={"most": MOST_FACTS}
            )
        return list(dict.fromkeys(told))

    def save(self, commit: bool = True) -> Any:
        self.instance.facts = self.cleaned_data["questions"]
        return super().save(commit)


class FormForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = AskedForm
        fields = ["name", "lines"]
        widgets = {"lines": forms.Textarea(attrs={"rows": 8})}
        help_texts = {
            "lines": gettext_lazy(
                "One a line. * must be answered; [long] has room, [date] is a day, [one / another] is a choice."
            )
        }

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.brand = brand

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        same = AskedForm.objects.filter(brand=self.instance.brand, name__iexact=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("“%(name)s” exists already."), params={"name": name})
        return name

    def clean_lines(self) -> str:
        lines: str = self.cleaned_data["lines"]
        asking.questions(lines)
        return lines


@require_http_methods(["GET", "POST"])
@changes
def rules(request: AgentRequest) -> HttpResponse:
    form = RulesForm(request.POST or None, instance=Rules.of(request.brand))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved. It holds for pages that are offered from now on."))
        return redirect("secure_pages:rules", request.brand.slug)
    return _page(request, form, FormForm(brand=request.brand), status=422 if form.errors else 200)


@require_POST
@changes
def add(request: AgentRequest) -> HttpResponse:
    form = FormForm(request.POST, brand=request.brand)
    if not form.is_valid():
        return _page(request, RulesForm(instance=Rules.of(request.brand)), form, status=422)
    form.save()
    messages.success(request, _("The form can be asked for now."))
    return redirect("secure_pages:rules", request.brand.slug)


@require_http_methods(["GET", "POST"])
@changes
def form(request: AgentRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(AskedForm.objects.visible_to(request.member), pk=pk)
    shown = FormForm(request.POST or None, instance=row, brand=request.brand)
    if request.method == "POST" and shown.is_valid():
        shown.save()
        messages.success(request, _("Saved. It holds for pages that are offered from now on."))
        return redirect("secure_pages:rules", request.brand.slug)
    try:
        preview = asking.Asked(AskedForm.objects.get(pk=row.pk).lines)
    except forms.ValidationError:
        preview = None
    context = {"form": shown, "row": row, "preview": preview, "tabs": settings_tabs.shown(request)}
    return render(request, "secure/form.html", context, status=422 if shown.errors else 200)


@require_POST
@changes
def remove(request: AgentRequest, pk: int) -> HttpResponse:
    """Pages that asked for it keep it as it was."""
    get_object_or_404(AskedForm.objects.visible_to(request.member), pk=pk).delete()
    messages.success(request, _("Removed. Pages that are open keep it as it was."))
    return redirect("secure_pages:rules", request.brand.slug)


def _page(request: AgentRequest, form: RulesForm, new: FormForm, *, status: int) -> HttpResponse:
    context = {
        "form": form,
        "new": new,
        "asked_forms": AskedForm.objects.visible_to(request.member),
        "scanned": scanning.is_there(),
        "tabs": settings_tabs.shown(request),
    }
    return render(request, "secure/rules.html", context, status=status)
