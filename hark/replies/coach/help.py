"""Does the draft offer help, or say what the brand does next?"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from . import promise
from .finding import Context, Finding, Repair
from .text import Text, words_of

DO = r"(?:help|assist|look|check|see|take|investigate|review|dig|find|figure|get (?:this|that|it|you|to|your|back|started|things)|sort|fix|resolve|address|make|follow|connect|discuss|share|pass|forward|escalate|log|know|hear|learn|work|test|replicate|try|reach|respond|reply|understand|ensure|go over|go through|continue|arrange|offer|chat|talk|speak|call|give|point|provide|send|raise|feed|relay|answer|followup|follow-up|troubleshoot|explain|clarify|advise|verify|double|confirm|start|dive|do|pull|locate|track|process|add|update|keep|lend|support|change|turn|set|guide|walk|report|pinpoint|narrow|isolate|better|further|best|properly|personally|quickly|file|research|contact|cancel|submit|suggest|put|remedy|handle|refund|replace|right|examine|assess|gain|proceed|pursue|bring|transfer|note|refer|direct|get in touch|join|evaluate)"
WE = r"(?:we|i|our (?:\w+ ){0,2}?(?:team|colleagues?|staff|specialists?|agents?|advisors?|experts)|my (?:colleague|team|colleagues)|(?:the|a) (?:\w+ )?team|someone|somebody|me|us)"
ABLE = r"(?:can|could|may|might|will|would|are able to|am able to|'ll)"
HELP = words_of(
    rf"(?:more than |very |so |always |be |really |only too |just |most )*(?:happy|hap+y|glad|love|delighted|pleased|here|keen|willing|eager|ready|(?:we|i|we'd|i'd|we would|i would|we'll|we also|team'd|team would) (?:really |definitely |also |certainly |just |sincerely |like )*(?:like|want|need)|(?:we|i|be|we're|i'm|team is|colleagues will be) able|honou?red|welcome|determined|committed|hoping|available|(?:our|their|my) best|(?:we'll|i'll|we can|will|we) try|everything (?:we|i) can) (?:\S+ ){{0,3}}?to (?:be able to |try to |try and |also |see (?:if|how|what) (?:we|i) can |better |further |personally |definitely |quickly |please |just )*(?!(?:see|hear|learn|know|keep)\b(?! (?:more|what|if|how|you (?:updated|posted|informed))\b))(?:{DO}|be of)",
    r"(?:glad|happy|here|able|ready|want|like|love|how can (?:we|i)|can (?:we|i)|let us|let me|we can|i can|pleased) (?:to )?(?:be of )?(?:help|assist|assistance|service)",
    r"(?:we're|i'm|we are|i am|always|right|just) (?:always |right |only |still |all )*(?:here (?:for you|if|whenever|when|24|to|anytime|should|too)|a (?:tweet|dm|message|call|click|phone call|pm) away|around if)", r"(?:just |only |always )+(?:a|one) (?:tweet|dm|message|call|click) away", r"at your service", r"here for you", r"(?:be|of) (?:any )?(?:further |more |some |additional )*(?:help|assistance|service)\b(?= to you|[.,!?]| with| in| today)",
    r"let (?:us|me) (?:please )?(?:know|no) (?:if|how|when (?:we|i)|what (?:we|i)|should|in case|whenever|and (?:we|i)|so (?:we|i)|about any|any)(?! you (?:managed|got))", r"let (?:us|me) (?:see (?:if|what)|help|take|look|check|try|dig|assist|get (?:this|that|you)|find|connect|investigate|make|sort|fix|review|pull)", r"let's (?:look|see|get|take|check|try|start|dig|work|sort|fix|figure|find|investigate|make|help|dive|chat|connect|meet|continue|begin|explore|narrow|go|troubleshoot|talk|double)", r"lets (?:look|see|get|take|check|start|work|sort|fix)",
    rf"so (?:that )?(?:{WE}|it|this) {ABLE} (?:\w+ly |then |better |please |all |try to |try and |get started |hopefully |be able to |best |further |also )*(?:{DO}|help)\b(?! (?:more|some|further|additional|the) (?:info|information|details))", r"so (?:we|i) (?:can|may|could) (?:be|get right)",
    r"(?:for|in) (?:us|me) to (?:be able to )?(?:help|assist|look|check|investigate|review|take|find|get|sort|fix|resolve|fully|best)", r"(?:(?:need|want|require|like|for|with|any|more|additional|other|immediate|further|our|your|some)\s)+(?:help|assistance|support)\b(?! (?:center|centre|page|article|team|line))", r"for (?:further |more |immediate |additional |faster |quicker |quick |some |any |extra |special |better )*(?:assistance|help|support)", r"assist (?:you|with|further)", r"(?:help|assist) (?:you|u|out|ya|them|her|him)\b|if you (?:ever )?need us",
    rf"(?:we|i|our team|my team|we all) (?:can|could|would|may|might) (?:definitely |certainly |also |always |absolutely |surely |then |try to |gladly |just |only |try and |at least |hopefully |still |totally )*(?!(?:see|understand|hear|know|change|confirm)\b(?! (?:what|if|whether|about)\b)){DO}\b",
    r"(?:can|may|could) (?:we|i) (?:do|help|assist|be|offer|get you|take a look|look|answer|make)", r"(?:is there|was there|if there is|if there's|have|has|got|do you have|need|with) (?:any ?thing|something|some ?thing|any|other|more)(?: \w+){0,3}? (?:(?:we|i) (?:can|may|could)|questions|concerns|you need|you'd like|you would like|help|else|issues|you want)", r"if (?:you|u|ya) (?:still |ever |do |should |have |need|run |come |'ve |require|encounter|experience|would like|wish|want|get |see |continue |face|feel |find |think |or |notice|can't|cannot|aren't|are not|don't hear)(?:[^.!?]{0,60})(?:questions?|concerns?|help|assist\w*|let us|let me|reach|contact|call|tweet|dm|message|shout|issues?|problems?|here|else|support|drop|give us|come back|get in touch|reply|advise|know)",
    r"(?:any|other|more|further|additional|w/) (?:\w+ )?(?:questions?|queries|concerns?)(?=[.,!?]|\s|$)", r"(?:don't|do not|never) hesitate", r"feel free to (?:\w+ )*(?:reach|contact|dm|message|tweet|call|ask|get|let|send|come|shout|drop|give us|reply|pm|ping|share)", r"(?:reach|tweet|get|come|write|report) (?:back )?(?:out|back|in touch|to us|us)? ?(?:again|anytime|any time|whenever|if|to us if|back if|back out|back (?:to|with) us)", r"reach (?:back )?out (?:to us )?(?:again|anytime|if|whenever|here|back)", r"reach back", r"(?:give|drop|shoot) (?:us|me) a (?:shout|holler|tweet|line|buzz)(?: if| when| anytime| here)?", r"just (?:say the word|shout|ask|holler|give|let|tweet|reply|yell)", r"(?:keep|let) (?:us|me) (?:posted|updated|informed)? ?(?:and|so) (?:we|i)", r"tweet us for",
    r"(?:tell|show|fill) (?:us|me) (?:\w+ )*(?:so|and|then) (?:that )?(?:we|i)", r"(?:then|and|so) (?:we|i) (?:can|could|will|'ll|may) (?:go|get|take|help|look|assist|start|continue|see|check)", r"(?:make|making|get|getting|set|put|turn) (?:this|that|it|things|everything|you) (?:up |all |back )*(?:right|better|sorted|addressed|straight|resolved|up to you|on track|fixed|taken care|working|squared)", r"(?:like|love|want|need|happy|glad) (?:\w+ )?(?:to )?(?:be |make sure|ensure)", r"(?:we're|i'm|we are|i am) (?:currently |already |now |still )*(?:on (?:it|the case)|looking into|investigating|working (?:on|to|hard)|checking|happy to|sending|forwarding|passing|escalating|reviewing|replying|following up|going to|trying to|determined|getting)", r"(?:currently|already) (?:investigating|looking into|working)", r"(?:try|give) and (?:help|assist|replicate)", r"worth (?:us )?(?:looking|taking)", r"(?:we|i)(?:'d| would| want| need) (?:also |really |definitely |certainly |just |still |absolutely )*(?:like|love|want|hate for|be (?:happy|glad|delighted|honou?red|pleased)|need|appreciate (?:a|the|another) (?:chance|opportunity))(?: (?:you to|to))? (?:\w+ )?(?:the )?(?:chance |opportunity )?(?:to )?(?:help|know|hear|learn|look|see|get|check|review|make|discuss|chat|speak|connect|understand|forward|share|take|talk|verify|investigate|pass|address|assist|offer|ensure|wait|follow|work|find|turn|log|gather more about|explore)", r"your (?:savior|saviour)", r"what (?:can|may) (?:we|i) do", r"how (?:can|may|could) (?:we|i)\b", r"what (?:we|i) can do", r"see (?:what|how|if) (?:we|i) (?:can|could)",
    r"(?:get) (?:you|this|that) (?:taken care of|sorted|fixed|back on|to the right|in touch|connected|some help|started)", r"to the rescue", r"customer service for",
    # German, French, Spanish, Portuguese
    r"(?:helf(?:en|e)|(?:gerne? )?(?:weiter)?helfen|unterstützen|(?:melde|meldet|melden sie) (?:dich|euch|sich)|jederzeit|(?:für|bei) (?:weitere[nr]? )?fragen|kümmern uns|schauen? (?:wir|uns) das an|prüfen (?:wir )?das|stehen? (?:dir|ihnen|euch) zur verfügung)", r"(?:(?:vous|t')? ?aider|aidons|à (?:votre|ta) disposition|à votre écoute|n'hésitez pas|besoin d'aide|pour que nous puissions|afin (?:de|que)|pouvons-nous|assister|regarder (?:ça|cela)|vérifier)", r"(?:ayudar\w*|ayuda|asistir\w*|a tus? órdenes|a sus? órdenes|estamos (?:aquí|para)|para (?:poder |que podamos )?(?:ayudar|revisar|apoyar|verificar|asistir)\w*|no dudes|no dude|cualquier (?:duda|consulta|pregunta)|con gusto|apoyar\w*|revis(?:ar|emos|amos|e))", r"(?:ajudar?\w*|à (?:sua )?disposição|auxiliar|apoiar|qualquer (?:dúvida|questão)|conte (?:com a gente|connosco|conosco)|estamos (?:aqui|à)|verificar|precisar)",
)  # fmt: skip
NOT_HELP = words_of(
    r"(?:can't|cannot|can not|unable to|not able to|aren't able to|won't be able to|couldn't|unfortunately we can't|not in a position to|no longer) (?:\w+ )?(?:help|assist|look into|offer help|do anything)(?: (?:you|with|here|further))*", r"(?:was|were|been) able to (?:help|assist|resolve|fix|sort)", r"(?:reach out|contact|speak|talk|go) to (?:them|him|her|your \w+)(?: \w+)? for (?:assistance|help|support)", r"so (?:that )?(?:we|i) (?:can|may|could) (?:get|gather|have|obtain|collect|receive) (?:some |a (?:bit|little) |the |any )?(?:more|further|additional|extra|some|better)? ?(?:info|information|details|context)", r"(?:glad|happy|pleased) (?:to have|we could|that we|i could|we were able to|to have been able to|that helped|it helped) (?:help|helped|assist|assisted|been|be)?(?: \w+)?", r"(?:thanks|thank you|thx) for (?:the|your) (?:help|support|assistance)", r"glad (?:that |this |it )helped", r"(?:like|want|wish) to (?:cancel|see|visit|order|buy|return|thank|say|remind|inform|point out)", r"hope (?:this|that|it|to) (?:help|helps|helped|assist)(?: \w+)?", r"happy to (?:hear|see|know|say|be|have|confirm|report|announce|learn|read)", r"glad to (?:hear|see|know|be|have|say|learn|read)", r"(?:pleased|delighted) to (?:hear|see|know|say|have|learn|read)", r"(?:don't|do not|didn't|never|hate|not) (?:\w+ )?to (?:hear|see|know|learn)\b(?: \w+)?\", r\"(?:we'd|we would|i'd|we|i) (?:love|like|want) to (?:hear|see|know) (?:you|your (?:favou?rite|costume|pics?|photos?)|it again)", r"here to stay", r"let (?:us|me) know (?:if|how) (?:you (?:like|liked|managed|enjoy(?:ed)?|get|got|did)|it (?:went|goes|tastes|was))",
)  # fmt: skip
ONLY_AIM = re.compile(
    r"aims? to (?:reply|respond|answer)|(?:will|'ll) (?:match|be open|be available|arrive)", re.I
)


def find(text: Text) -> tuple[int, int] | None:
    body = NOT_HELP.sub(lambda match: " " * len(match.group()), text.body)
    if found := HELP.search(body):
        return found.span()
    place = text.once(promise.find)
    return place if place and not ONLY_AIM.search(text.body[place[0] : place[1]]) else None


def check(text: Text, context: Context) -> Finding:
    """yes where help is offered or a next step of the brand's is said; a hint where a complaint gets neither."""
    if place := text.once(find):
        return Finding("offers_help", "yes", "ok", place, _("Offers help."), "help")
    if not is_complaint(context) or not text.typed.strip():
        return Finding("offers_help", "no", source="help")
    end = len(text.typed.rstrip())
    return Finding(
        "offers_help", "no", "hint", None, _("They have a problem: say what you will do, or offer to help."), "help",
        Repair(_("Add “We're happy to look into this for you.”"), (end, end), " " + _("We're happy to look into this for you.")),
    )  # fmt: skip


COMPLAINT = words_of(
    r"(?:worst|terrible|awful|horrible|disgusting|disgusted|unacceptable|ridiculous|pathetic|rubbish|useless|joke|shame|disgrace|disgraceful|appalling|furious|angry|annoyed|annoying|frustrat\w+|disappoint\w+|fed up|sick of|pissed|wtf|hate|rude|scam|ripped? off|lied|liars?|cheated|broken|broke|late|delayed?|delays|missing|lost|stolen|damaged|cancel?led|wrong|fail\w*|never (?:again|arrived|came|received)|still (?:no|not|waiting|nothing|haven't)|not working|doesn't work|isn't working|won't work|can't|cannot|waiting|waited|refund|overcharged|charged|ignored|no (?:reply|answer|response)|complain\w*|problem|issue|error|crash\w*|stuck|down|suck\w*|crap|shit|bullshit|fuck\w*|poor|bad|unhappy|upset|why (?:is|are|did|do|does|can't|won't|has|have))",
    r"(?:schlecht\w*|kaputt|unverschämt\w*|enttäuscht|wütend|verspätet|fehlt|frechheit|beschwerde|geht nicht|funktioniert nicht)", r"(?:nul|honteux|déçue?|scandaleux|en retard|panne|inadmissible|réclamation|ne (?:marche|fonctionne) pas|remboursement)", r"(?:pésim[oa]|vergüenza|mal[oa]|decepcionad[oa]|horrible|queja|no funciona|reembolso|retraso|roto|robo)", r"(?:péssim[oa]|vergonha|decepcionad[oa]|horrível|reclamação|não funciona|reembolso|atraso|quebrad[oa])",
)  # fmt: skip


def is_complaint(context: Context) -> bool:
    """What the desk knows, else what the customer's words sound like."""
    if context.complaint is not None:
        return context.complaint
    return bool(COMPLAINT.search(Text(context.customer).body))
