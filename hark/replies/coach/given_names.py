"""Common given names, to tell "we can help Kevin." from "we can help Paris."; and words that stand where a name could."""

COMMON = frozenset(
    """
    aaron abby abdul abigail abraham adam adrian adriana adrianne agnes ahmed aidan aileen aimee aisha alan alana
    albert alberto alejandra alejandro alex alexa alexander alexandra alexis alfie alfred ali alice alicia alina
    alisha alison allan allen allison alma alyssa amanda amber amelia amir amit amy ana andre andrea andreas andres
    andrew andy angel angela angie angus anil anita ann anna anne annette annie anthony antoine antonia antonio april
    ariana arjun arlene arthur arun asha ashley astrid audrey austin ava barbara barry beatrice beatriz becky bella
    ben benjamin benny bernard beth bethany betty beverly bianca bill billy blake bob bobby bonnie brad bradley
    brandon brenda brendan brent brett brian bridget britney brittany brooke bruce bruno bryan bryce bryan caitlin
    caleb callum calvin cameron camila carl carla carlos carly carmen carol caroline carolyn carrie casey cassandra
    cassie catherine cathy cecilia cedric chad charlene charles charlie charlotte chelsea cheryl chloe chris chrissy
    christian christina christine christopher christy cindy claire clara clare claudia clay clayton cliff clive cody
    colin colleen connie connor conor corey cory courtney craig cristina crystal curtis cynthia daisy dale damian
    damien dan dana daniel daniela danielle danny darcy daren darius darrell darren dave david dawn dean debbie
    deborah debra declan deepak denis denise dennis derek derrick desmond devin diana diane diego dimitri dina
    dominic don donald donna doris dorothy doug douglas duncan dustin dylan eddie edgar edith edward edwin eileen
    elaine elena eleanor eli elias elijah elisa elizabeth ella ellen ellie elliot elsa emilia emily emma eric erica
    erik erika erin ernest ethan eva evan eve evelyn fatima felix fernanda fernando fiona florence frances francesca
    francis francisco frank franz fred freddie frederick freya gabriel gabriela gail gareth gary gavin gemma gene
    geoff george georgia georgina gerald gerard gillian gina giovanni gloria gordon grace graham grant greg gregory
    guillermo gustavo guy hamza hannah hans harold harriet harris harry hassan hayley heather hector heidi helen
    helena henry herbert hilary holly hope howard hugh hugo ian ibrahim ida imran ines ingrid irene iris isaac isabel
    isabella isabelle ivan jack jackie jackson jacob jacqueline jade jaime jake james jamie jan jane janet janice
    jared jasmin jasmine jason javier jay jayden jean jeff jeffrey jen jenessa jenna jennifer jenny jeremy jerome
    jerry jesse jessica jessie jill jim jimmy jo joan joanna joanne joao joe joel john johnny jon jonas jonathan
    jordan jorge jose joseph josh joshua joy joyce juan juanita judith judy julia julian juliana julie juliet julieta
    julio june justin kaitlyn karen karim karl karla kate katelyn katherine kathleen kathryn kathy katie katrina kay
    kayla keith kelly kelsey ken kendra kenneth kenny kerrie kerry kevin khalid kiara kieran kim kimberly kirk
    kirsten kirsty klaus krista kristen kristin kristina kumar kurt kyle lara larry laura lauren laurence laurie leah
    lee leigh lena leo leon leonard leonardo leroy lesley leslie lewis liam lily linda lindsay lindsey lisa liz lloyd
    logan lois lola lorenzo lorraine louis louisa louise lucas lucia lucy luigi luis luisa lukas luke lydia lynn
    mabel maddie madison maggie malcolm mandy manuel marc marcel marco marcos marcus margaret maria mariana marie
    marilyn mario marion marissa mark marlene marta martha martin martina marvin mary mason mateo mathew matt matteo
    matthew maureen maurice max maya megan mel melanie melinda melissa melvin mercedes mia micah michael michele
    michelle miguel mike mila miles milo mina miranda miriam mitchell mohamed mohammad mohammed moira molly mona
    monica morgan moritz moses muhammad myra nadia nadine nancy naomi natalia natalie natasha nathan nathaniel neil
    nelson nia nicholas nick nicola nicolas nicole nigel nikhil nikki nina noah noel nora norma norman oliver olivia
    omar oscar owen pablo pam pamela paola pat patricia patrick patty paul paula pauline pedro penny perry pete peter
    petra phil philip phillip phoebe phyllis pierre pilar polly preston priya priyanka quentin rachael rachel rafael
    rahul raj rajesh ralph ramon randall randy raquel raul ravi ray raymond rebecca reece reginald rene renee rhys
    ricardo richard rick ricky riley rita rob robert roberta roberto robin rocky rodney roger roland roman ron ronald
    ronnie rory rosa rosalind rose rosemary ross roxanne roy ruby rudy russell ruth ryan sabine sabrina sadie sally
    salma sam samantha samir samuel sandra sandy sanjay santiago sara sarah saul scott sean sebastian selena serena
    sergio seth shane shannon sharon shaun shauna shawn sheila shelby shelley sherry shirley sidney sierra silvia
    simon simone sofia sonia sophia sophie sreejit stacey stacy stan stella stephanie stephen steve steven stewart
    stuart sue summer sunil susan susana susanne suzanne sven sydney sylvia tamara tammy tanya tara tasha tatiana
    taylor ted terence teresa teri terry tessa theo theodore theresa thomas tiffany tim timothy tina tobias toby todd
    tom tomas tommy toni tony tracey tracy travis trevor trisha tristan troy tyler ursula valentina valeria valerie
    vanessa venessa vera vernon veronica vicki vicky victor victoria vijay vince vincent viola violet virginia vivian
    wade wallace walter wanda warren wayne wendy wes wesley wilfred will william willie wolfgang xavier yasmin
    yolanda yusuf yves yvette yvonne zach zachary zara zoe zoey ange loren abbye alana hendrik jens jürgen jörg
    günther björn stefan stefanie ulrich ute uwe wiebke heike katja anja antje birgit dieter detlef gisela ilse jutta
    monika amélie andré céline chloé cédric élodie éric fabien françois françoise hélène jérôme josé léa loïc noël
    océane pascal rémi sébastien solène sylvie thierry valérie véronique yann álvaro ángel begoña concepción inés
    jesús joaquín maría mónica nuria óscar paco pepe raúl rocío sofía tomás joão antônio antónio caio fábio felipe
    flávia gonçalo guilherme heitor inês larissa letícia luana luís márcia nuno otávio patrícia paulo renata rodrigo
    rui sílvia thiago tiago vinícius vitória
    """.split()  # noqa: SIM905
)
# Written like a name after a greeting or a comma, and not one.
NEVER = frozenset(
    """
    there all everyone everybody folks team guys guy friend friends buddy mate pal sir madam maam ma'am miss mr mrs
    ms customer customers valued dear ladies gentlemen again both y'all ya'll yall you your yours we our ours us i
    i'm i'll i've i'd my me he she it they this that these those here what when where who why how which yes no not
    nope yeah yep ok okay sure right well now then so and but or if for from with to at by on in of the a an as is
    are was were be been am do does did has have had will would can could should may might must shall let lets let's
    please thanks thank thx ty cheers sorry hi hello hey hiya howdy greetings good great nice awesome perfect
    excellent wonderful fantastic lovely cool sweet super congrats congratulations welcome happy glad absolutely
    definitely certainly unfortunately currently hopefully additionally also however just once only still since while
    because before after until although though unless even finally firstly first second next last today tomorrow
    tonight yesterday monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december morning afternoon evening night christmas halloween easter
    thanksgiving hanukkah diwali eid ramadan xmas monday's weekend spring autumn winter dm dms pm pms dm'd usa uk us
    eu fyi asap nyc lax jfk sfo tv hd id pc mac ios android iphone ipad app web wifi wi-fi faq url psn xbox
    playstation nintendo switch windows google apple amazon facebook twitter instagram whatsapp youtube tiktok paypal
    uber netflix spotify microsoft samsung sony delta united tesco walmart chipotle starbucks mcdonald's england
    scotland wales ireland britain london paris berlin madrid rome york america europe canada australia india japan
    china texas california florida ohio georgia dallas chicago boston houston seattle denver atlanta miami phoenix
    vegas orleans francisco angeles diego jose manchester birmingham leeds glasgow edinburgh dublin toronto sydney
    melbourne tokyo brazil mexico spain france germany italy portugal internet account accounts support care service
    services customer order orders settings menu help note tip update version step steps option options please. hmm
    hm oh ah aw aww awww ooh wow whoa yikes uh uhoh ha haha yay woohoo woot yum yas gotcha understood noted agreed
    exactly indeed true same truth anytime always never maybe perhaps probably actually basically honestly seriously
    sadly luckily thankfully fortunately generally usually normally typically occasionally alternatively otherwise
    meanwhile regardless nevertheless nonetheless therefore thus hence moreover furthermore regarding per via see try
    use check click press tap go visit send call keep stay enjoy follow follow-up contact restart reboot reset
    uninstall reinstall install download open close select choose make take give get tell ask bring read write wait
    remember rest feel looks look looking seems sounds whatever whenever wherever whoever something anything nothing
    everything someone anyone nobody any some many most more much few less every each another other others such
    several one two three four five six seven eight nine ten regards best kind sincerely respectfully love merci
    danke gracias obrigado obrigada hola hallo bonjour salut olá oi ciao guten tag buenos buenas días tardes noches
    herr frau señor señora monsieur madame senhor senhora zusammen ihr euch du sie vous tu toi todos tous tout le la
    les god jesus christ lord heavens heck yeah damn gosh boo bravo fingers crossed plus minus via also ps nb rt cc
    re etc edit ltd inc llc corp co crew pilot captain driver agent manager steak burrito guac bowl taco mind
    sometimes smart por ohh para lamentamos preferences captions impressive lightroom rice iceland lidl aldi
    morrisons asda argos boo trick treat halloween hallow's merry spam reply details issue sounds love chase
    """.split()  # noqa: SIM905
) - {"april", "may", "june", "jose", "diego", "sydney", "georgia", "jesus", "will"}  # fmt: skip
ENDINGS = (
    "ly",
    "ing",
    "tion",
    "ment",
    "ness",
    "'s",
    "'re",
    "'ll",
    "'ve",
    "n't",
    "'d",
    "'m",
)  # of other words, unless the name is common
