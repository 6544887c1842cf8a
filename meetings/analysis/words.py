"""The closed word lists the analysis reads: English function words and the phrases of meetings."""


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that carry no subject: grammar first, then what people say in every meeting.
FUNCTION_WORDS = word_set("""
a an the this that these those here there it its it's that's there's here's what's who's let's
i me my mine myself you your yours yourself he him his she her hers we us our ours they them their
theirs i'm i'll i've i'd you're you'll you've you'd he's she's he'll she'll we're we'll we've we'd
they're they'll they've they'd it'll that'll
am is are was were be been being do does did doing done have has had having will would shall should
can could may might must ought cannot can't couldn't won't wouldn't shouldn't don't doesn't didn't
isn't aren't wasn't weren't haven't hasn't hadn't
and or but nor so yet if then else than because since while until till unless although though
whether as of at by for with without within about against between into through during before after
above below to from up down in out on off over under again per via upon toward towards across
along around behind beyond near onto
who whom whose which what when where why how whatever whoever however
all any both each few more most other others some such no not only own same too very just also
even still ever never always often sometimes already almost enough much many less least
several every everyone everybody everything someone somebody something anyone anybody anything
nobody nothing none one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen twenty thirty
forty fifty sixty seventy eighty ninety hundred thousand million first second third once twice half
""")

SPOKEN_WORDS = word_set("""
yes no yeah yep nope ok okay right alright well oh um uh uhm erm hmm hm mm mhm ah eh please thanks
thank hello hi hey bye goodbye welcome sorry good great nice fine sure cool perfect excellent
wonderful morning afternoon evening today tomorrow yesterday tonight now later soon currently
maybe perhaps probably actually basically really quite rather pretty simply literally honestly
obviously definitely certainly exactly especially generally usually finally lastly firstly secondly
next last another else instead anyway meanwhile together apart away back forward ahead long
go goes going gone went come comes coming came get gets getting got gotten make makes making made
take takes taking took taken give gives giving gave given put puts putting see sees seeing saw seen
look looks looking looked know knows knowing knew known think thinks thinking thought say says
saying said tell tells telling told talk talks talking talked ask asks asking asked want wants
wanted wanting need needs needed needing like likes liked use uses used using try tries tried
trying let lets start starts started starting begin begins began beginning keep keeps kept keeping
mean means meant feel feels felt seem seems seemed find finds found show shows showed shown
happen happens happened work works worked working help helps helped call calls called move moves
moved moving turn turns turned bring brings brought set sets run runs running ran leave leaves left
agree agrees agreed agreeing discuss discusses discussed discussing decide decides decided deciding
propose proposed suggest suggested expect expected hope hopes hoped believe guess suppose wonder
wait waiting waited hear heard hearing understand understood remember forget forgot add adds added
send sends sent sending share shares shared check checks checked checking write writes wrote written
read finish finished finishing complete completed prepare prepares prepared preparing
sound sounds sounded become becomes became stay stays stayed hold holds held cover covered covers
thing things stuff way ways kind sort bit point points part parts case cases side time times day
days week weeks month months year years monday tuesday wednesday thursday friday saturday sunday
january february march april june july august september october november december
hour hours minute minutes end people person guy guys folks team meeting meetings agenda item items
topic topics question questions answer answers idea ideas issue reason example number numbers
percent new old big small large little high low better best worse worst bad able ready different
possible important clear open close early late hard easy whole full real main happy glad worried
join joining joined able lot lots sense fact matter course moment word words everyone's today's
lovely
""")

STOP_WORDS = FUNCTION_WORDS | SPOKEN_WORDS

FILLERS = word_set("um uh uhm erm er hmm hm mm mhm ah eh")

# A sentence does not end on these: a pause after them is a pause for breath.
NON_FINAL = word_set("""
a an the my your his her its our their of at by for with to from in on into about
and or but so because if when while that which who whether than as is are was were be been will
would shall should can could may might must have has had do does did not i we you he she they very
i'll we'll you'll they'll i'm we're they're let's think know say says said believe hope guess mean
agree suppose sure see like until unless since though where why how what please also just really
""")

# Word pairs that open an English sentence; where nothing is punctuated they are the boundaries.
OPENERS = frozenset(
    tuple(pair.split())
    for pair in """
i will|i can|i think|i have|i am|i would|i agree|i propose|i suggest|i need|i want|i also|i know
we will|we have|we need|we should|we are|we can|we must|we decided|we agreed|we also|we still
we do|we could|we had|we were|they are|they will|they have|you can|you should|he will|she will
let us|let me|it is|it will|it was|that is|that was|that will|that would|that means|that sounds
this is|this means|there is|there are|there was|there were|thank you|moving on|next topic|next item
next up|last item|last topic|first item|first topic|second item|third item|the next|the last
the first|the second|the other|can you|could you|would you|will you|can we|could we|should we
shall we|do we|do you|does it|does that|did we|did you|are we|are you|are there|is it|is there
is that|i agree|you did|they love|what happened|have we|have you|what is|what are|what do
what about|how do|how many|how much|how about
how long|who is|who will|who can|when is|when will|when do|when can|why is|why do|where is
good morning|good point|sounds good|my name|our next|please send|in addition|for example
""".replace("\n", "|").split("|")
    if pair
)
SINGLE_OPENERS = word_set("""
okay ok alright so yes yeah thanks hello however i'll we'll i'm i've we're we've let's it's that's
there's what's who's
""")

GREETINGS = word_set("""
hello hi hey welcome good morning afternoon evening everyone everybody all folks team guys thanks
thank you bye goodbye see later again joining coming for so much very today today's meeting call
have a nice great lovely day weekend is the are we here can hear me okay ok yes how
""")

WEEKDAYS = word_set("monday tuesday wednesday thursday friday saturday sunday")
MONTHS = word_set("""
january february march april june july august september october november december
""")

# Common first names, for text that an engine wrote without capitals; no name that is also a word.
FIRST_NAMES = word_set("""
aaron adam adrian ahmed aisha alan albert alex alexander alexandra alexis alice alicia alison amanda
amelia amina amy ana andrea andreas andrew angela anita anna anne annie anthony antonio anya arthur
barbara ben benjamin bernard beth bob boris brandon brian bruno carla carlos carmen carol caroline
catherine cecilia charles charlie charlotte chen chloe chris christian christina christine
christopher claire clara claudia colin connor craig cynthia dan daniel daniela dave david deborah
denis dennis diana diego dmitri dominic donald donna dorothy dylan edward elena elizabeth ella ellen
emily emma eric erik ethan eva evan fatima felix fernando fiona florian francesca francis frank
fred gabriel gary george georgia gerald gloria greg gregory hannah hans harry hassan heather helen
helena henry hugo ian ibrahim ines ingrid irene isaac isabel isabella ivan jacob jake james jamie
jan jane janet jason javier jean jeff jeffrey jennifer jenny jeremy jessica jim joan joanna joe
joel johan johannes john jon jonas jonathan jordan jorge jose joseph joshua juan judith julia julian
julie karen karl kate katherine kathy katie keith kelly ken kenneth kevin kim kyle larry laura
lauren laurent lea leah lena leo leon leonard linda lisa liz louis louise lucas lucia lucy luis luke
magda maggie marc marcel marco marcus margaret maria marie marina mario marion marta martha martin
martina mary mateo matt matthew maya megan meera mehmet melanie melissa michael michelle miguel mike
mohamed mohammed monica nadia nancy natalie natasha nathan neil nicholas nicole nikhil nina noah
nora oliver olivia omar oscar owen pablo pamela patricia patrick paul paula pedro peter petra philip
philippe priya rachel rafael raj rajesh ralph ravi raymond rebecca ricardo richard rick rita rob
robert roberto robin roger roman ronald rosa roy ruth ryan sally sam samantha samir samuel sandra
sanjay sara sarah scott sean sebastian sergei sharon simon sofia sonia sophia sophie stefan
stephanie
stephen steve steven stuart susan sven sylvia tanya tara teresa theo theresa thomas tim timothy tina
tobias todd tom tomas tony tracy ursula valentina valerie vanessa vera veronica victor victoria
viktor vincent walter wei wendy william xavier yan yusuf yuki yvonne zoe
""")

# Verbs of work that can be done and be finished; weak wordings ("we should") need one.
TASK_VERBS = word_set("""
add adjust align analyse analyze announce apply approve archive arrange ask assemble assess assign
audit book buy build call cancel change check clarify clean close collect compare compile configure
confirm connect contact convert coordinate copy correct create cut define delete deliver deploy
design develop distribute document draft duplicate edit email escalate estimate evaluate examine
export extend file finalise finalize finish fix follow forward gather hire implement import improve
inform inspect install interview introduce investigate invite invoice launch list mail measure meet
merge message migrate monitor negotiate notify obtain open order organise organize pay phone pick
plan post prepare present print produce propose provide publish purchase read record recruit
redesign reduce refactor register release remove renew rename repair replace reply report request
research reserve resolve restart review revise rewrite ring run save schedule search select sell
send share ship sign simplify sort specify submit summarise summarize survey switch talk teach test
track train transfer translate try update upgrade upload verify visit write
""")

# What people "will" without promising work, and what they ask of each other inside the meeting.
IDLE_VERBS = word_set("""
be been have see know like love hate think hear need want feel agree disagree say tell admit hope
guess believe mean remember forget wonder understand explain repeat start begin continue go stop
wait keep let miss lose regret appreciate join listen speak show imagine elaborate stay seem become
get sound happen pass hand leave excuse mute unmute note remind
""")

# No subject on their own, but part of a name: "new website", "sales team", "money back".
MODIFIERS = word_set("""
new old big small large second final late early open high low main full real public meeting team
back
work time test test call week help support use case side point user long short first next whole
""")

# After one of these comes a noun phrase; after "to" more often a verb.
DETERMINERS = word_set("""
the a an our my your his her their its this that these those some any no every each of for with
about
in on at by from per into without between more less another new two three four five six ten
""")

# "again we waited", "well the design is finished": one sentence ends, the next has a subject.
CLOSERS = word_set("again well done finished ready too already good great fine there")
SUBJECTS = word_set("i we they he she it you")
ARTICLES = word_set("the our my some this many some")
LINKING_VERBS = word_set("is are was were has will went")
