"""Does the draft name how it is for the customer, in more than pointing words?"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from . import help as offers
from .finding import Context, Finding, Repair
from .text import Text, words_of

EMOTION = r"(?:frustrat\w+|disappoint\w+|upset\w*|annoy\w+|angry|anger|furious|worr\w+|stress\w*|distress\w*|inconvenient|unpleasant|exhaust\w+|confus\w+|scary|frightening|painful|awful|terrible|horrible|horrid|unfortunate|tough|difficult|hard|unhappy|dissatisf\w+|unacceptable|aggravat\w+|irritat\w+|concerning|alarming|upsetting|heartbreaking|embarrass\w+|maddening|infuriating|tiring|bad|sad|a pain|a nightmare|a hassle|rough|not (?:fun|ideal|okay|ok|cool|acceptable|great|good|nice|right)|no (?:fun|good)|less than (?:ideal|perfect)|the last thing|disheartening|nerve-?wracking|unsettling|rotten|lousy|crazy|bizarre|strange situation|disruptive|excit\w+|unnerving|troubling)"
NICE = r"(?:great|good|wonderful|fantastic|amazing|lovely|excellent|pleasant|enjoy\w*|fun|perfect|awesome|brilliant|smooth|happy|delicious|nice|pleased|love\w*|liked?|useful|helpful|comfortable|safe|worked|works|working|sorted|resolved|fixed|downloading|better|back|had|got|received|arrived|made it|found|having)"
VAGUE = r"(?:this|that|it|these|those|the (?:trouble|inconvenience|issue|confusion|hassle|problem|mix-?up|misunderstanding|error|mistake|situation|matter|trouble this|difficult(?:y|ies)|circumstances|above)|any (?:\w+ )?(?:inconvenience|trouble|confusion|issues?|problems?|misunderstanding|hassle|difficult(?:y|ies))|us|what happened|your (?:trouble|inconvenience|loss|issue)|all (?:this|that|the (?:trouble|inconvenience))|everything|everyone|both|spam\w*|being|not|letting|our|my)"
SORRY = r"(?:sorry|apologi[sz]e|apologies|apology|regret)"
ADV = r"(?:(?:so|very|really|truly|also|again|sincerely|deeply|most|deepest|sincere|sincerest|once again|extremely|terribly|certainly|definitely|quite|incredibly|absolutely|completely|totally|fully|just|pretty|super|always|never|extra|a bit|a little|kind of|such|rather|particularly|especially) )*"

FEELING = words_of(
    # the feeling by its name
    rf"(?:that|this|it|which|what|delays?|waiting|missing \w+|losing \w+|situations?|i know|we know|i'm sure|we're sure|how|hear|when|being|things|and|experience|can be|must be|must have been|sounds?|very|so|extremely|really|pretty|be|is|are|was|been|a)(?:'s| is| was| are| must| can| must be| must have been| sounds?| has been| can be| would be| feels?| seems?| be| does| did| were)* {ADV}(?:like (?:a |an )?)?{EMOTION}",
    rf"(?:understand|hear|appreciate|feel|sense|see|imagine|sympathi[sz]e with|empathi[sz]e with|realise|realize|know|recogni[sz]e|acknowledge) (?:\w+ ){{0,2}}?(?:your|the|you|how|why|that|what|where you|it|this) ?(?:\w+ ){{0,3}}?(?:{EMOTION}|feel\w*|frustration|disappointment|concerns?|anger|worry|pain|upset|important|urgent|wait|coming from|matters?)",
    r"your (?:\w+ )?(?:frustrations?|disappointment|anger|worries|pain|feelings?|upset|annoyance|dissatisfaction|distress|stress|excitement|enthusiasm|patience with)", r"you(?:'re|'ve| are| have| were| must be| sound| seem| look)(?: \w+)? (?:been )?(?:frustrated|disappointed|upset|unhappy|worried|angry|annoyed|stressed|confused|disturbed|dissatisfied|not happy|concerned|feeling|excited|had such|stuck|stranded|struggling|going through|kept waiting|let down by)", r"(?:made|make|making|got|left|leave|leaving|has|have|had) you (?:so |feel(?:ing)? |feel like |to feel )?(?:upset|unhappy|angry|frustrated|disappointed|worried|stuck|stranded|feeling|waiting|out|sad|mad|this way|that way)", r"(?:you're|you are) feeling (?:this|that) way", r"(?:feel|feeling) (?:your|the) pain", r"that (?:does not|doesn't|did not|didn't) (?:sound|feel|look|seem) (?:\w+ )?(?:good|great|right|fun|ideal|nice|ok|okay)", r"(?:this|it) (?:does not|doesn't|did not|didn't) (?:sound|look|feel) (?:\w+ )?(?:good|great|right|fun|ideal|nice|ok|okay)", r"not (?:what|the \w+|how|a \w+|an \w+) (?:\w+ )?(?:we|i|you)(?:'d| would)? (?:want|expect|like|hope|aim|strive|expected|wanted|look)(?: \w+)?", r"(?:no|not) (?:one|body) (?:likes|wants|enjoys|should)(?: \w+)?", r"(?:we|i)(?:'d| would)? (?:never|don't|didn't|do not|certainly don't|would hate|hate|wouldn't|not) (?:want|like|wish|for)? ?(?:you|your|our|anyone|any|to)(?: \w+){0,4}? (?:disappoint\w*|feel|feeling|unhappy|upset|experience|wait\w*|miss\w*|without|stuck|stress\w*|frustrat\w*|inconvenienced|lose|let down|leave|go|less)", r"(?:take|taking|treat|takes) (?:\w+ ){0,5}?(?:very |extremely |so |really )?(?:seriously|serious)", r"(?:get|getting|having|being able|making sure|knowing|keeping|your \w+|staying|using|ensuring) [^.!?]{0,80}(?:is|are) (?:\w+ )?(?:key|important|vital|essential|crucial|a must|our (?:top |number one )?priority)(?: to us)?", r"how (?:\w+ )?(?:important|much|hard|tough|vital|crucial|essential|valuable)", r"means? (?:a lot|so much)", r"(?:we|i) (?:totally |completely |definitely |can |certainly |fully )?(?:feel you|get it|been there|relate|sympathi[sz]e|empathi[sz]e|share your)", r"(?:wish|hoped?|expected) (?:it|this|things|your \w+|we|you) (?:was|were|had|hadn't|could|wasn't)(?: \w+)?",
    # the situation, after a sorry
    rf"{SORRY} (?:that |to (?:hear|see|learn|read) (?:that |about |of |from you )?|(?:about|for) )?(?:your|you(?! feel| think|'re feel| are feel)|the) (?!(?:trouble|inconvenience|issue\b|issues\b(?! with)|confusion|hassle|problem|situation|mix|misunderstanding|error|mistake|loss)\b)(?:(?:'re|'ve|are|have|had|were|were not|haven't|didn't|did not|weren't|can't|aren't|missed|got|couldn't|received|\w+) ){{1,7}}?(?:is|was|are|were|has|have|had|isn't|wasn't|hasn't|haven't|didn't|did|'s|late|delayed|missing|lost|damaged|cancelled|slow\w*|down|broken|unhappy|disappointed|waiting|stuck|experience\w*|not|issues?|trouble\w*|unable|difficult\w*|problems?|wrong|poor|bad)\b(?! (?:this|that) (?:way|happened))",
    rf"{SORRY} (?:about|for|to hear (?:about|of)|to (?:learn|read|see|hear)) (?:the |your |this |that |any )?{ADV}(?:\w+[ -]){{0,3}}?(?:delays?|wait(?:ing)?|cancell?ation|travel time|disruption|damage\w*|lateness|outages?|service issues|(?:service|internet|billing|order|wi-?fi|connection|delivery|app|cable|baggage|flight|food|customer|phone|signal|website) (?:issues?|problems?|trouble|interruption|experience)|discomfort|frustrations?|disappointment|stress|upset|queues?|long hold|hold times?|poor \w+|bad \w+|slow \w+|rude\w*|experience|missing \w+|late \w+|broken \w+|short \w+|lost \w+|wrong \w+|cold \w+|wi-?fi|weather|early \w+)",
    rf"{SORRY} (?:that |to (?:hear|see|learn) (?:that )?)?(?:the|your|our) (?:[\w'-]+ ){{1,6}}?(?:was|is|were|are|has|hasn't|wasn't|isn't|aren't|didn't|couldn't|have|had|went|took|failed|keeps?|kept|left|came) (?!this way|that way)(?:\w+)",
    rf"{SORRY} (?:that |to (?:hear|see|learn|read) (?:that )?)?you(?:'re|'ve|r| are| have| had| were| weren't| didn't| haven't| can't| couldn't| aren't| missed| waited| got| received| experienced| felt| did)(?! (?:feel|feeling|think)) ?(?:\w+)",
    r"(?:hear|see|learn|read|hearing) (?:that |about |of )?(?:you(?:'re|'ve|r| are| have| had| were|´re)?|your \w+(?: \w+)?|the \w+) (?:(?:is|was|had|not|been|are|having|still) )*(?:having|not|unable|had|been|experienc\w+|struggl\w+|waiting|disappointed|unhappy|frustrated|missing|late|delayed|stuck|damaged|issues?|troubles?|problems?|difficult\w*|bad|poor|leaving|cancel+ing|dissatisfied|upset|enjoyed|liked?|love[ds]?|great|good|had)(?: \w+)?",
    # the good news
    rf"(?:glad|happy|pleased|delighted|thrilled|so good|great|lovely|wonderful|nice|excited|love|stoked|chuffed|over the moon|good) (?:to (?:hear|see|know|learn|read) )?(?:that |it |this |how |about )?(?:your?|you've|you're|you'll|it|everything|things|he|she|they|the \w+|we|our \w+|all|is|that|this)(?: [\w']+){{0,9}}? {NICE}",
    r"(?:sounds?|looks?) like (?:you|your|a|an|the|it|things|somebody|someone)(?:'re|'ve)? ?(?:[\w']+ ){0,7}?(?:great|good|wonderful|fantastic|amazing|lovely|excellent|enjoy\w*|fun|perfect|awesome|brilliant|win|blast|(?:going|went|off to) (?:\w+ )?(?:well|great|start))", rf"(?:it|that) was (?:such )?(?:a |an )?{NICE} (?:experience|time|day|flight|trip|visit|meal|moment)", r"(?:sure|really|truly|we)? ?(?:enjoyed|loved) (?:spending|having|seeing|meeting) ",
    r"(?:sadly|unfortunately) (?:this|that|the|your|our|he|she|they|it|you)(?: \w+){0,3} (?:wasn't|weren't|was not|were not|didn't|fell|not the case)(?: \w+)?", r"make amends", r"(?:what|something|anything) (?:made|has made|is making|got|has|have|had|is) you (?:so )?(?:upset|unhappy|angry|frustrated|feel\w*|disappointed)", r"(?:bet|imagine|guess|know) (?:you|that|it|how)(?: \w+){0,4} (?:upset|frustrat\w+|annoy\w+|disappoint\w+|hungry|tired|excited|scared|hard)",
    # German, French, Spanish, Portuguese
    r"(?:ärgerlich|frustrierend|verstehe?n? (?:ihren|deinen|euren) (?:ärger|frust|unmut)|(?:ihr|dein|euer)en? (?:ärger|frust|enttäuschung|unmut)|unangenehm|enttäuschend|tut (?:mir|uns) leid, dass (?:ihr|dein|sie|du|eur)\w* \w+ (?:\w+ ){0,6}\w+|schade, dass (?:ihr|dein|sie|du)\w*)", r"(?:frustrant|agaçant|décevant|énervant|votre (?:frustration|déception|colère|mécontentement|agacement|impatience)|(?:désolée?s?|navrée?s?) (?:que|pour) (?:votre|vos|le retard|l'attente|la panne)(?: \w+)?|comprenons (?:que|votre|combien|à quel point))", r"(?:frustrante|molest[oa]|decepcionante|tu (?:molestia|frustración|enojo|malestar)|su (?:molestia|frustración|enojo|malestar)|(?:lamentamos|sentimos|siento) (?:que (?:tu|su|el|la|no|hayas|haya)|el retraso|la demora|la espera)(?: \w+)?|entendemos (?:tu|su|que|lo|cómo))", r"(?:frustrante|chatead[oa]|decepcionante|sua (?:frustração|insatisfação|chateação|decepção)|(?:lamentamos|sentimos|desculpe|desculpa) (?:que (?:o|a|seu|sua)|o atraso|a demora|pelo atraso|pela demora)(?: \w+)?|entendemos (?:a sua|sua|o seu|que|como))",
)  # fmt: skip
NOT_FEELING = words_of(
    rf"{SORRY} (?:for|about) (?:the |our |my |any |this )?(?:\w+ )?(?:delay|wait|late|slow|delayed|time)(?: \w+){{0,2}}? (?:in|with|on|to)? ?(?:our |my |the |getting back|replying|reply|response|responding|answering|answer|writing back|coming back|return)(?: \w+)?", rf"{SORRY} (?:for|about) (?:the |our |my |any )?(?:late|delayed|slow|tardy|belated) (?:reply|response|answer|tweet)", rf"{SORRY} (?:we|i|that we|if we|that i)(?:'ve| have)? (?:let|couldn't|can't|missed)(?: you)?(?: down)?", rf"{SORRY} (?:about|for|to hear|to see|to learn|to read)? ?(?:about |of )?{VAGUE}(?: \w+)?(?=[.,!?:]|\s|$)",
    rf"{SORRY} (?:that |if |to (?:hear|see|learn) (?:that )?)?you(?:'re| are)? (?:feel\w*|fee|think)(?: \w+){{0,3}}", r"(?:hear|heard|see|seeing) (?:about |of )?(?:this|that|it)\b", r"(?:your|the) (?:order|item|food|meal|package|parcel) (?:arrived|came|looked) (?:this|that) way", r"glad to (?:help|assist|see what|check|look)", r"(?:happy|glad|love|like|pleased|delighted) to (?:help|assist|take|look|check|get|see what|see if|see how|be|do|offer|connect|discuss)",
    r"it (?:is|was) (?:not )?possible", r"if (?:you|your \w+)(?:'re| are| is| were| feel| have| had| has)?(?: still| ever| been)? \w+", r"love to (?:see|have|welcome) you(?: \w+)?", rf"{SORRY} (?:that |to (?:hear|see) (?:that )?)?(?:your|the) (?:\w+ ){{1,3}}?(?:arrived|came|was|is|looked|happened|turned out)(?: in)? (?:this|that|such a) (?:way|condition|state|manner)", r"not (?:good|great|nice) at",
)  # fmt: skip


def find(text: Text) -> re.Match[str] | None:
    body = NOT_FEELING.sub(lambda match: " " * len(match.group()), text.body)
    return FEELING.search(body)


def check(text: Text, context: Context) -> Finding:
    """yes or no; a hint where a complaint is answered without it, or where it is named and nothing follows."""
    found = text.once(find)
    complaint = offers.is_complaint(context)
    if found and complaint and not text.once(offers.find):
        return Finding(
            "feeling", "yes", "hint", found.span(), _("Names how it is for them. Now say what happens next."), "empathy",
        )  # fmt: skip
    if found:
        return Finding("feeling", "yes", "ok", found.span(), _("Names how it is for them."), "empathy")
    if not complaint or not text.typed.strip():
        return Finding("feeling", "no", source="empathy")
    return Finding(
        "feeling", "no", "hint", None, _("Say how this must be for them, in your words: it is the half of an answer that most brands leave out."),
        "empathy", Repair(_("Begin with “That must be frustrating.”"), (0, 0), _("That must be frustrating.") + " "),
    )  # fmt: skip
