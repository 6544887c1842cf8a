"""The field a meeting belongs to, by counting the words of each field."""

from collections import Counter
from collections.abc import Sequence

from meetings.analysis.text import Unit, stem

GENERAL = "general"
# Fewer hits than these say more about chance than about the meeting.
FEWEST_HITS, FEWEST_WORDS = 4, 2

_WORDS = {
    "technology": """software app application server database api code bug deploy release cloud
        website
        web frontend backend developer engineering security certificate login password test testing
        platform feature data migration performance infrastructure page browser mobile
        network outage crash backup""",
    "finance": """budget cost invoice revenue profit loss investor investment tax accounting
        forecast
        expense margin bank loan audit cash payment quarter spending money price financial""",
    "sales and marketing": """sales customer client marketing campaign brand lead deal advertising
        market contract pipeline promotion newsletter social media conversion audience pricing""",
    "human resources": """hiring hire candidate interview recruit recruitment salary onboarding
        employee vacation training staff applicant workshop holiday payroll course""",
    "operations": """supplier delivery warehouse logistics shipment stock inventory production
        factory machine maintenance order transport purchase shipping truck vendor""",
    "healthcare": """patient doctor hospital nurse clinic treatment medical therapy diagnosis
        medicine health surgery vaccine symptom""",
    "education": """student teacher school course lecture exam university lesson classroom
        curriculum homework grade professor semester pupil""",
    "legal": """contract lawyer court law legal compliance regulation clause liability lawsuit
        agreement privacy license attorney policy""",
    "research": """study experiment hypothesis research paper dataset analysis laboratory sample
        publication method survey result grant""",
    "construction": """building construction architect site concrete permit contractor roof floor
        renovation bridge road office""",
}
DOMAINS = {name: frozenset(stem(word) for word in words.split()) for name, words in _WORDS.items()}


def find_domain(units: Sequence[Unit]) -> str:
    """The field with the most words of its own; "general" where none stands out."""
    said = Counter(term for unit in units for term in unit.terms)
    hits = {
        name: (sum(said[word] for word in words), sum(word in said for word in words))
        for name, words in DOMAINS.items()
    }
    name, (count, distinct) = max(hits.items(), key=lambda pair: pair[1])
    return name if count >= FEWEST_HITS and distinct >= FEWEST_WORDS else GENERAL
