"""Does the draft ask the customer to go on in private, or say that the talk goes on there?"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from .finding import Context, Finding
from .text import Text, words_of

DM = r"(?:DM(?:'?s|'?d|'?ed|ing|'?ing)?|(?<!\d\s)(?<!\d)PM(?:'?s|'?d|'?ing)? (?:us|me|him|her|them|your|sent|so|the|with)|(?:a|via|by|our|your|in|through|the|send|quick|over|to) PM(?:'?s)?)"
MESSAGE = r"(?:direct(?:ly)?|private(?:ly)?|priv|personal|inbox|facebook|whatsapp|messenger|twitter) (?:messag(?:e|es|ed|ing)|msgs?|chats?|inbox|conversation|note)"
MEDIUM = words_of(
    DM, MESSAGE,
    r"inbox(?:ed)? (?:us|me)|(?:our|your|my) (?:inbox|dms)|(?:messag(?:e|ing)|msg|text|whatsapp) (?:us|me)(?: (?:privately|directly|in private|in confidence|here|on|at|with|your|so|and|back|if|when|for|via|the))?",
    r"(?:(?:in|over|to) private|privately|offline|off-?line|one.on.one|out of the public)",
    # phone
    r"(?:call|phone|ring|dial|telephone) (?:us|me|our|the (?:team|number|hotline|helpline|store)|back|customer (?:care|service|services|support)|reservations|using|in to|in and|in so)\b(?! (?:that|names|out|it))", r"(?:give|giving|gave) (?:us|me|you|him|her|them|our (?:\w+ ){1,4}?|the (?:\w+ ){1,3}?|\w+ \w+ )? ?(?:a|another|a quick) (?:call|ring|bell|buzz|phone call|callback)", r"(?:call|contact|reach|speak (?:to|with)|phone|ring|get (?:in touch|a hold)|help|support|touch|team|us|chat)(?: \w+){0,4}? (?:by|via|over|on|per|through|using) (?:the )?(?:phone|telephone|chat|live chat|email|e-mail|mail|text|sms|whatsapp|messenger)",
    r"(?:return|make|arrange|schedule|request|made another try to|try to|tried to|get) (?:my|our|a|you a|the) (?:phone )?(?:call|call-?back|callback)(?: back)?", r"(?:can|could|will|to|'ll|so we|we may|please) (?:call|phone|ring) (?:you|him|her|us)\b(?! out| it)", r"(?:speak|talk|chat|talking|chatting|speaking|connect|conversation) (?:to|with) (?:you |us |me |one of our |an? |our |the |someone )(?:\w+ ){0,4}?(?:over|on|via|by|through|in) (?:the )?(?:phone|dm|chat|private)",
    r"(?:phone|chat|call|ring|ringing|calling|phoning)(?: ?(?:/|or|and|&) ?(?:phone|chat|call|ring|ringing|calling))+(?: (?:in|with|us|to))*", r"(?:our|the|a|your) (?:\w+ ){0,2}?(?:hotline|helpline|help line|phone line|call cent(?:er|re)|contact cent(?:er|re)|chat team|live chat|chat support|chat agents?|phone team|phone number|freephone|toll.?free(?: number)?)", r"live ?chat|webchat|web chat|online chat|chat (?:with (?:us|our|one of|an?|the)|online|now|here|support|team|live)|via chat|by chat|start a chat|in chat|through chat|(?:phone|call|ring)(?: us)? (?:at|on|back)?:? ?[+(]?\d|at the number|call \d",
    # e-mail
    r"(?:e-?mail|mail) (?:us|me|our (?!address)|the team|to \w+@|at|customer \w+|it to|them at|over)\b(?! address)", r"(?:send|drop|shoot|write|pop|sending|fire|ping)(?: (?:us|me|our \w+|him|her|them|over|across|back|through))*(?: (?:an?|quick|your|another|private|short))+ (?:e-?mail|message|line|note|msg|mssg|text|dm|pm)\b(?! (?:to|for) the)", r"(?:via|by|through|over|in an|per|reply to (?:our|the|my)|sent you an?|respond to (?:our|the|my)) e-?mail(?! (?:address|from|to the|/|account|was|is|has|that|saying|confirm))",
    r"(?:check|see|repl(?:y|ied) to|respond(?:ed)? to|answered|read) (?:your|our|my|the) (?:messages?|msgs?|inbox|e-?mails?)(?! (?:address|client|app))", r"(?:sent|sending) you (?:a|an|another) (?:message|msg|note|text|e-?mail)", r"messaged you",
    # their form, their page
    r"(?:contact|feedback|complaint|complaints|web|online|enquiry|inquiry|claim|report|support|help|request|refund|out the|out this|out a|out our|in the|in this|in a|in our|short) (?:us )?(?:form|ticket form)s?(?! of)", r"(?:open|raise|submit|log|file|create|start) (?:a|your|an) (?:\w+ )?(?:ticket|case|claim|form|request|enquiry|dispute)",
    r"contact (?:us )?page",
    # said back
    r"(?:meet|see|join|chat|speak|talk|continue|catch|connect|find|help|carry on|follow up|respond|reply|replied|responded)(?: (?:with|to|you|us|me|there|this|our|the|conversation|chat|on|up|back))* (?:there|over there|in there|on dm|in the dms)\b(?! (?:is|are|was|were|will|anything|any|something|a|an|may))",
    # German, French, Spanish, Portuguese
    r"(?:PN|privatnachricht|private nachricht|direktnachricht|per (?:e-?mail|mail)|e-?mail an|(?:schreib|schick|ruf)(?:e|en|t)?(?: \w+){0,4} (?:PN|DM|mail|an unter)|rufen sie|hotline|kontaktformular|telefonisch|persönliche nachricht)",
    r"(?:MP|(?:en|par|message) (?:privé|privée|direct|MP|DM)|messages? (?:privés?|directs?)|en privé|appelez-nous|par (?:téléphone|mail|courriel|e-mail)|formulaire(?: de contact)?|contactez-nous (?:au|par))",
    r"(?:(?:por|un|al|mensajes?|en) (?:MD|DM|privado|privada|directo|interno|inbox|privados|directos)|llám[ae]nos|ll[aá]menos|por (?:teléfono|correo|chat)|formulario(?: de contacto)?|enlace de contacto|(?:env[ií]|mand|comp[aá]rt|d[eé]j|escr[ií]b)\w* (?:\w+ ){0,6}?(?:enlace|link)|comunicar(?:te|se|nos)|escríbenos (?:a|al|por))",
    r"(?:(?:por|mensage[mn]s?|em|no|uma|via) (?:DM|privad[oa]s?|diretas?|direta|inbox|MP|mensagem)|ligue para|por (?:telefone|e-?mail|chat)|formulário(?: de contato)?|chame (?:a gente|no))",
)  # fmt: skip
# A link whose target is said: their form, their team, a place to leave details or feedback.
LINKED = re.compile(
    r"\b(?:contact (?:us|our|the|my|an?|customer|support|me|page|form|center|centre)|contacting|reach (?:out|us|our|me|them)|reaching (?:out|us)|get (?:in touch|ahold|hold)|getting in touch|in touch with|connect (?:with|through|via|here)|send (?:us|me|it|them|in|over|this|a|those|these)(?! the| your)|(?:drop|write|shoot) (?:us|me|to)|write in|"
    r"(?:provide|share|submit|leave|fill|complete|report|supply|register|lodge|pass|forward)\b(?: \w+){0,6}? (?:details|feedback|info|information|concerns?|suggestions?|ideas?|experience|complaint|comments?|claim|form|more|what happened|this with us|this to us)|tell us|(?:fill|filling) (?:this|it) (?:out|in)|speak (?:to|with)|talk to|chat|message us|sign up for a call|follow up (?:here|with us)|let us know here)\b"
    r"[^.!?¤]{0,110}¤",
    re.I,
)
AT_LINK = re.compile(r"\b(?:reach (?:out|us|me)|contact (?:us|me|our)|write (?:to us|us|in)|connect with|get in touch|(?:send|share|provide|submit|leave|tell) (?:us |me |it |this |your |the |more )[^.!?]{0,40})[^.!?¤]{0,40}\b(?:this|the|that|following|our|below) (?:\w+ )?(?:link|form|page)\b|\b(?:this|the|that|following|our) (?:\w+ )?link (?:below |here |instead )?(?:to|and|so) (?:\w+ )?(?:provide|send|share|contact|submit|report|reach|connect|chat|message|write|speak|tell|get in touch)\b", re.I)  # fmt: skip
LINK_FIRST = re.compile(r"\b(?:use|using|via|through|visit|follow|click|at|on|with|from)\b[^.!?¤]{0,40}¤+[^.!?¤]{0,12}\b(?:to|and|so (?:we|i|our)|for us to|where you can)\b[^.!?¤]{0,20}\b(?:contact|reach|connect|get in touch|reply|talk|chat|speak|send|message|write|submit|leave|share|report|provide|call|our team can|we can connect|give us|will be in (?:touch|contact))\b", re.I)  # fmt: skip
SHARE_AT = re.compile(r"\b(?:please|kindly|can you|could you|just) (?:share|report|send|submit|leave|provide|make a report|file)\b[^.!?,¤]{0,60}\b(?:with|to|at|here|via|on|through|link|below)\b\W{0,3}¤", re.I)  # fmt: skip
PHONE = re.compile(r"\(\+\d{1,3}\)[\d ./-]{6,}\d|(?<![\w#/-])(?:\+?\d{1,3}[ .-]?)?(?:\(\d{2,5}\)[ .-]?|\d{2,5}[ .-])\d{3,4}[ .-]?\d{3,4}(?!\w)|(?<!\w)1[ .-]8\d\d[ .-][\w-]{7,9}|(?<!\w)0[38]\d{2}[ -]?\d{3}[ -]?\d{3,4}(?!\w)")  # fmt: skip
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}")
# Spoken of, not asked for: no message came, a mail of the system's, a shop, somebody else's.
NOT_THERE = re.compile(
    r"\b(?:not showing|not seeing|don't see|do not see|didn't (?:get|receive|see)|haven't (?:received|got|seen|gotten)|have not (?:received|got|seen)|can't see|cannot see|unable to (?:see|find|locate)|no)\b(?: \w+){0,6}\W*$"
    r"|\b(?:no need to|don't need to|do not need to|needn't|don't have to|never|please don't|do not|instead of|rather than|without having to|will not be able to|not be able to|unable to|can't|cannot|aren't able to|won't be able to)\b(?:\W+\w+){0,4}\W*$"
    r"|\b(?:sent (?:an?|this|the) e-?mail to|received an?|receive an?|get an?|got an?|getting an?|confirmation|have sent an?|sent out)\W*$"
    r"|\b(?:have you had a chance to|were you able to|did you(?: try to| already)?|have you(?: already| tried to)?|their (?:tele)?(?:phone|contact)?(?: number)?(?: is)?|partner \w+ (?:at|on))\b(?:\W+\w+){0,2}\W*$",
    re.I,
)
ELSEWHERE = re.compile(r"\b(?:partner|airline|airways|carrier|bank|manufacturer|seller|hotel|them|their|they|his|her|your (?:bank|school|employer|provider|friend))\b", re.I)  # fmt: skip
NOT_ELSEWHERE = re.compile(r"\b(?:us|me|our|we)\b", re.I)
# What helps the customer there; without any of it, the move only hides.
REASON = re.compile(
    r"\b(?:so (?:that )?(?:we|i|our|my|you)|to (?:help|assist|look|get|take|check|find|verify|protect|keep|review|investigate|sort|fix|resolve|discuss|see|go over|make|arrange|start|talk|share)|and (?:we|i)(?:'ll| will| can)|in order|because|for (?:further|more|security|your (?:privacy|security|protection)|privacy|assistance|help)|more (?:room|space)|personal|private details|secure|safe|details|number|address|help|assist|look into|check|further)\b",
    re.I,
)


def find(text: Text) -> re.Match[str] | None:
    """The words that move the talk to a private place."""
    for pattern in (MEDIUM, LINKED, AT_LINK, LINK_FIRST, SHARE_AT, PHONE):
        for found in pattern.finditer(text.body):
            if not _is_not_ours(text, found, said=pattern is MEDIUM or pattern is PHONE):
                return found
    return EMAIL.search(text.typed)


def _is_not_ours(text: Text, found: re.Match[str], *, said: bool) -> bool:
    before = text.body[max(0, found.start() - 80) : found.start()]
    before = re.split(r"[.!?]", before)[-1]
    if said and NOT_THERE.search(before):
        return True
    return not said and bool(ELSEWHERE.search(found.group())) and not NOT_ELSEWHERE.search(found.group())


def check(text: Text, context: Context) -> Finding:
    """yes or no; a hint where a public reply moves away without saying what for."""
    found = text.once(find)
    if not found:
        return Finding("moves_private", "no", source="move")
    if context.public and not REASON.search(text.body):
        return Finding(
            "moves_private", "yes", "hint", found.span(),
            _("Moves to private without saying what it does for the customer."), "move",
        )  # fmt: skip
    return Finding("moves_private", "yes", "ok", found.span(), _("Goes on in private."), "move")
