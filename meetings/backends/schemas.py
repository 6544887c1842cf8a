"""The answers a language model may give; what is not asked for is ignored."""

from typing import Literal

from pydantic import BaseModel, Field

MOST_CLAIMS = 60


class Cited(BaseModel):
    """``segments`` are numbers of the transcript, ``quote`` a few words that stand in them."""

    segments: list[int] = Field(max_length=200)
    quote: str


class Point(Cited):
    text: str


class SummaryAnswer(BaseModel):
    """``sentences`` make the summary, in order."""

    sentences: list[Point] = Field(max_length=MOST_CLAIMS)
    key_points: list[Point] = Field(max_length=MOST_CLAIMS)
    main_topics: list[str] = Field(max_length=MOST_CLAIMS)


class SelectionAnswer(BaseModel):
    """Numbers of the sentences and key points that stay when parts are joined."""

    sentences: list[int] = Field(max_length=MOST_CLAIMS)
    key_points: list[int] = Field(max_length=MOST_CLAIMS)


class FoundKeyword(Cited):
    text: str
    type: Literal["keyword", "keyphrase", "entity"] = "keyword"
    relevance: float = Field(ge=0, le=1)


class KeywordsAnswer(BaseModel):
    keywords: list[FoundKeyword] = Field(max_length=MOST_CLAIMS)
    main_theme: str
    domain: str


class Feeling(Cited):
    score: float = Field(ge=-1, le=1)


Level = Literal["low", "medium", "high"]


class MoodAnswer(BaseModel):
    overall_mood: Literal["positive", "neutral", "negative", "mixed"]
    sentiment_score: float = Field(ge=-1, le=1)
    emotional_tone: str
    stress_level: Level
    engagement_level: Level
    most_positive: list[Feeling] = Field(max_length=MOST_CLAIMS)
    most_negative: list[Feeling] = Field(max_length=MOST_CLAIMS)


class FoundTopic(Cited):
    """Cited where it is opened."""

    topic: str
    key_points: list[Point] = Field(default_factory=list, max_length=MOST_CLAIMS)


class AgendaAnswer(BaseModel):
    agenda_items: list[FoundTopic] = Field(max_length=MOST_CLAIMS)
    meeting_purpose: str


class FoundItem(Cited):
    task: str
    owner: str | None = None
    due: str | None = None


class FoundQuestion(Cited):
    text: str
    answer: str = ""
    answer_segments: list[int] = Field(default_factory=list, max_length=200)
    answer_quote: str = ""


class ActionsAnswer(BaseModel):
    action_items: list[FoundItem] = Field(max_length=MOST_CLAIMS)
    decisions: list[Point] = Field(max_length=MOST_CLAIMS)
    questions: list[FoundQuestion] = Field(max_length=MOST_CLAIMS)
