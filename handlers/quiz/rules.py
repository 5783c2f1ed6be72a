"""What a campaign file says of its quiz."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field, field_validator, model_validator

from core.campaign.findings import Finding, Unfit, remedy
from core.campaign.grammar import Name, Part, Phrases, Section, refuse_twins
from core.campaign.quantities import Points, Span
from core.campaign.rules import Rules
from core.speech.which import PATIENCE

SHORTEST = timedelta(seconds=5)
MOST_WINNERS = 20


class QuestionRules(Part):
    """One question, and which of its choices is right."""

    name: Name = Field(description="What your lists call it; each name once.")
    ask: Phrases = Field(description="The question.")
    choices: Annotated[tuple[Phrases, ...], Field(min_length=2, max_length=9)] = Field(
        description="Two to nine choices."
    )
    answer: Annotated[int, Field(ge=1, strict=True)] = Field(description="The number of the right choice.")
    within: Span | None = Field(None, description="How long an answer is taken, where that differs from the others.")

    @model_validator(mode="after")
    def _sensible(self) -> "QuestionRules":
        if self.answer > len(self.choices):
            raise Unfit("answer: give the number of a choice, 1 to {most}", most=len(self.choices))
        _refuse_useless(self.within)
        return self


class QuizRules(Section):
    """A quiz: its questions are asked in their order, each once."""

    key: ClassVar[str] = "quiz"
    says: ClassVar[str] = "A quiz: its questions are asked in their order, each once."

    points: Points = Field(description="For each right answer.")
    within: Span = Field(description="How long an answer is taken after its question was asked.")
    winners: Annotated[int, Field(ge=1, le=MOST_WINNERS, strict=True)] | None = Field(
        None, description="How many of the best are shown: by right answers, then by the time they took."
    )
    questions: Annotated[tuple[QuestionRules, ...], Field(min_length=1, max_length=50)] = Field(
        description="The questions, in their order: a list."
    )

    @field_validator("within")
    @classmethod
    def _useful(cls, within: timedelta) -> timedelta:
        _refuse_useless(within)
        return within

    @field_validator("questions")
    @classmethod
    def _named_once(cls, questions: tuple[QuestionRules, ...]) -> tuple[QuestionRules, ...]:
        refuse_twins("questions", [question.name for question in questions])
        return questions

    @property
    def played(self) -> bool:
        """It is."""
        return True

    @property
    def gives_points(self) -> bool:
        """For right answers."""
        return self.points > 0

    def findings(self, rules: Rules) -> Iterable[Finding]:
        """Points that earn nothing are not promised."""
        if self.points < 1:
            told = "a right answer in {campaign} earns nothing; give at least 1 points"
            yield ("points",), remedy(told, campaign=rules.name)

    def question(self, name: str) -> QuestionRules | None:
        """The question called ``name``."""
        return next((question for question in self.questions if question.name == name), None)

    def time_for(self, question: QuestionRules) -> timedelta:
        """How long an answer to ``question`` is taken."""
        return question.within or self.within


def _refuse_useless(within: timedelta | None) -> None:
    if within is not None and not SHORTEST <= within <= PATIENCE:
        raise Unfit("within: give between 5 seconds and 30 minutes")
