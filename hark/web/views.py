"""Pages of the shell itself: help, the style guide, and what browsers ask for by themselves."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_GET, require_POST

from . import assets, glossary, specimens
from .access import public, signed_in


@require_GET
@signed_in
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "web/help.html", {"words": glossary.WORDS})


@require_GET
@signed_in
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in each of its states, from the same tags and templates that the console uses."""
    return render(request, "web/styleguide.html", specimens.all_of_them())


@require_POST
@signed_in
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the device: kept with the user, so that every device of theirs is alike."""
    user: Any = request.user
    chosen = request.POST.get("theme", "")
    if chosen not in dict(user._meta.get_field("theme").choices):
        return HttpResponse(status=422)
    user.theme = chosen
    user.save(update_fields=["theme"])
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(status=204)
    return redirect("home")


@require_GET
@public
def asset(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    """A file of the shell. Under the present digest it may be kept for ever; under an older one, not at all."""
    bundle = assets.bundle()
    try:
        found = bundle.files[name]
    except KeyError:
        raise Http404 from None
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(found.zipped if zipped else found.plain, content_type=found.content_type)
    if zipped:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    if digest == bundle.digest:
        patch_cache_control(response, public=True, max_age=31_536_000, immutable=True)
    else:
        patch_cache_control(response, no_store=True)
    return response


@require_GET
@public
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")


@require_GET
@public
def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("hark/favicon.svg"), permanent=True)


@require_GET
@public
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put Hark on its home screen."""
    return JsonResponse(
        {
            "name": "Hark",
            "short_name": "Hark",
            "start_url": reverse("home"),
            "scope": "/",
            "display": "standalone",
            "background_color": "#f5f4f1",
            "theme_color": "#123f3d",
            "icons": [{"src": static("hark/favicon.svg"), "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
    )
