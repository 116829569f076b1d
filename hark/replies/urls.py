from django.urls import path

from .views import approvals, coaching, composer, files, outbox, rules, voice

app_name = "replies"
urlpatterns = [
    path("cases/<int:pk>/composer/", composer.composer, name="composer"),
    path("cases/<int:pk>/reply/", composer.create, name="create"),
    path("cases/<int:pk>/draft/", composer.draft, name="draft"),
    path("cases/<int:pk>/preview/", composer.preview, name="preview"),
    path("cases/<int:pk>/coach/", coaching.look, name="coach"),
    path("cases/<int:pk>/pictures/", files.attach, name="attach"),
    path("pictures/<int:pk>/", files.picture, name="picture"),
    path("pictures/<int:pk>/remove/", files.detach, name="detach"),
    path("replies/<int:pk>/take-back/", outbox.withdraw, name="withdraw"),
    path("replies/<int:pk>/try-again/", outbox.retry, name="retry"),
    path("replies/<int:pk>/arrived/", outbox.arrived, name="arrived"),
    path("replies/<int:pk>/send-again/", outbox.send_again, name="send-again"),
    path("messages/<int:pk>/correct/", outbox.correct, name="correct"),
    path("messages/<int:pk>/take-down/", outbox.take_down, name="take-down"),
    path("messages/<int:pk>/hide/", outbox.hide, name="hide"),
    path("messages/<int:pk>/show/", outbox.show_again, name="show"),
    path("messages/<int:pk>/like/", outbox.like, name="like"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/count/", approvals.count, name="approvals-count"),
    path("approvals/<int:pk>/yes/", approvals.approve, name="approve"),
    path("approvals/<int:pk>/back/", approvals.send_back, name="send-back"),
    path("approvals/<int:pk>/note/", approvals.note, name="approval-note"),
    path("settings/voice/", voice.voice, name="voice"),
    path("settings/approvals/", rules.rules, name="approval-rules"),
    path("settings/approvals/regulated/", rules.regulated, name="regulated"),
    path("settings/approvals/<int:pk>/", rules.rule, name="approval-rule"),
    path("settings/approvals/<int:pk>/remove/", rules.remove, name="remove-approval-rule"),
]
