"""What operators say in a chat: one message, beside the turns of players, in one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.arguments import ArgumentKind, Arguments
from core.campaign.platforms import has_buttons
from core.database import read_only
from core.engine.aside import Aside
from core.engine.deduplication import answer_again, claim, stored_answers
from core.engine.delivery import Delivery
from core.engine.flush import save
from core.engine.locks import lock_deliverers
from core.engine.replies import State, language_for, say
from core.engine.routes import recognise
from core.engine.runtime import Runtime
from core.messages import Answer, Choice, InboundKind, InboundMessage, Reply
from core.models import Inbox
from core.operators import Misspoken, Role, VerbRefused
from core.outbox import answer_ref
from core.sending.messaging_window import hear
from core.sending.outbound import Category
from core.texts.languages import language_of
from core.times import hour_number
from core.verbs import Desk, Outlets, Verb, by_name
from handlers.operators import log
from handlers.operators.access import (
    Speaker,
    accept,
    guessed_often,
    invitation_of,
    read_word,
    speaker_at,
    speakers,
)
from handlers.operators.choices import CONFIRM, MORE, chosen, number_in, offers, plan_shown, shown
from handlers.operators.execution import Outcome, confirm, do, foresee, plan, preview
from handlers.operators.help import help_of, no_verb, with_example
from handlers.operators.log import Said
from handlers.operators.plans import given_of, needs, newest, seen
from handlers.operators.say import Teller, pages
from handlers.operators.sent_files import sent_file
from handlers.operators.spelling import Spoken, arguments, is_command, only_plan, tongue_of, without_slash
from handlers.operators.tables import REST_COLUMN, Operator, Plan

DRY_RUN = "dry_run"
"""The argument with which a terminal asks what would be done, as a chat does by a question mark."""
JOIN, HELP = "operator join", "help"
"""Verbs that this file itself carries out, beside those that can be chosen: they are about what was said before."""
_SPOKEN = frozenset({InboundKind.TYPED, InboundKind.TAPPED})


def _concerns(message: InboundMessage) -> bool:
    """Only what somebody types or taps first-hand is a verb; in a group, where it is refused."""
    spoken = message.kind in _SPOKEN or (message.kind is InboundKind.GROUP and message.member is not None)
    return spoken and message.first_hand and (message.command is not None or is_command(message.text))


def _follows(message: InboundMessage) -> bool:
    """A number may choose what the last answer offered."""
    return message.kind in _SPOKEN and message.question is None and number_in(message) is not None


def _claims(runtime: Runtime, delivery: Delivery) -> bool:
    """Whether an operator says a verb, or somebody the word that makes an operator. What strangers try is written."""
    message, said = delivery.message, without_slash(delivery.message.text)
    if message.member is not None:
        return _is_said_to_others(runtime, delivery)
    if not _concerns(message):
        return _is_chosen(runtime, delivery)
    tongue = tongue_of(runtime.mechanics.verbs)
    begun = tongue.begins(only_plan(said)[0])
    with read_only(runtime.sessions) as session:
        speaker = speaker_at(session, delivery.key[0], message.place, message.received_at)
    if speaker is not None:
        return begun is not None or not _is_players_word(runtime, message)
    if begun is None or begun[0].name == HELP or _is_players_word(runtime, message):
        return False
    word = read_word(begun[1]) if begun[0].name == JOIN else None
    with runtime.sessions.begin() as session:
        if word is not None and invitation_of(session, runtime.keys, word, message.received_at) is not None:
            return True
        if not _is_heard(session, delivery) and not guessed_often(session, delivery.key[0], message.received_at):
            log.write(session, runtime.keys, _logged(delivery, None, begun[0].name, "stranger"))
    return False


def _is_chosen(runtime: Runtime, delivery: Delivery) -> bool:
    """Whether an operator chooses by a number what was offered; one that comes again has its answer."""
    message = delivery.message
    with read_only(runtime.sessions) as session:
        if speaker_at(session, delivery.key[0], message.place, message.received_at) is None:
            return False
        return not _is_heard(session, delivery) and chosen(session, delivery.key[0], message) is not None


def _is_said_to_others(runtime: Runtime, delivery: Delivery) -> bool:
    """Whether an operator says a verb where others listen."""
    message = delivery.message
    begun = tongue_of(runtime.mechanics.verbs).begins(only_plan(without_slash(message.text))[0])
    if begun is None or _is_players_word(runtime, message):
        return False
    with read_only(runtime.sessions) as session:
        return _member(session, runtime, message) is not None


def _member(session: Session, runtime: Runtime, message: InboundMessage) -> Speaker | None:
    """The operator who said it in a group, by the chat that they have with us alone."""
    assert message.member is not None
    key = runtime.keys.address_key(message.channel, message.account, message.member)
    return speaker_at(session, key, message.place, message.received_at)


def _is_players_word(runtime: Runtime, message: InboundMessage) -> bool:
    """Whether players may say that, too: to an operator it means what it means to them."""
    kind = InboundKind.TYPED if message.kind is InboundKind.GROUP else message.kind
    said = replace(message, text=without_slash(message.text), kind=kind)
    found = recognise(said, frozenset(), runtime.mechanics.routes)
    return found.route.is_keyword and not found.route.offers


def _is_heard(session: Session, delivery: Delivery) -> bool:
    mine = (Inbox.address_key == delivery.key[0]) & (Inbox.external_id == delivery.key[1])
    return session.scalar(select(Inbox.state).where(mine)) is not None


def _logged(
    delivery: Delivery, speaker: Speaker | None, verb: str, ending: log.Ending, outcome: Outcome | None = None
) -> Said:
    message = delivery.message
    return Said(
        at=message.received_at,
        operator=speaker.name if speaker else None,
        role=speaker.role.value if speaker else None,
        place=str(message.place),
        address_key=delivery.key[0],
        external_id=delivery.key[1],
        verb=verb,
        words=message.text,
        plan_id=outcome.plan.id if outcome and outcome.plan else None,
        changes=outcome.answer.changes if outcome else (),
        ending=ending,
    )


def _take(runtime: Runtime, delivery: Delivery) -> Answer:
    """Deal with what an operator said; raises whatever the database raises, and then nothing has happened."""
    message = delivery.message
    with read_only(runtime.sessions) as session:
        if message.member is not None:
            speaker = _member(session, runtime, message)
        else:
            speaker = speaker_at(session, delivery.key[0], message.place, message.received_at)
        is_heard = _is_heard(session, delivery)
        choice = chosen(session, delivery.key[0], message) if speaker is not None and not is_heard else None
    said, is_preview = only_plan(choice or without_slash(message.text))
    read: Outcome | VerbRefused | None = None
    files: Mapping[str, object] = {}
    known: object = None
    if speaker is not None and not is_heard and message.member is None:
        try:
            files = _files(runtime, speaker, delivery, said)
            read = _read(runtime, speaker, delivery, said, files)  # in a snapshot of its own: nobody waits for a report
            known = None if read is not None else _known(runtime, speaker, delivery, said)
        except VerbRefused as refused:
            read = refused
    with runtime.sessions.begin() as session:
        if not claim(session, runtime, [delivery]).new:
            return answer_again(delivery, *stored_answers(session, runtime, [delivery])[delivery.key])
        rows = runtime.rows(session)
        lock_deliverers(session, rows, [delivery], ())
        address = rows.addresses[delivery.key[0]]
        mechanics = runtime.mechanics
        if message.typed and address.language is None:
            address.language = language_of(message.text)
        language = language_for(address, None)
        teller = Teller(mechanics.phrases(), language, runtime.public_url, mechanics.verbs)
        saying = _Saying(session, runtime, delivery, speaker, teller, files=files, known=known)
        replies = saying.replies(said, read, only_preview=is_preview)
        session.flush()
        session.refresh(address)  # a verb may have said something to its own operator
        if hear(address, message):
            rows.released.add(address.key)
        in_time = message.answer_by is None or runtime.clock() < message.answer_by
        state = State.ANSWERED if message.waits and in_time else State.QUEUED
        ref, at = answer_ref(message.external_id), message.received_at
        answer = say(
            rows,
            address,
            None,
            replies,
            ref=ref,
            state=state,
            at=at,
            category=Category.ANSWER,
            room_bytes=message.room_bytes,
        )
        save(session, rows, hour_number(at))
        log.write(session, runtime.keys, saying.said())
    return answer


def _files(runtime: Runtime, speaker: Speaker, delivery: Delivery, said: str) -> Mapping[str, object]:
    """The file that the verb is about, fetched, by the name of its argument. Raises VerbRefused where it cannot be had.

    It takes its time, so no transaction is open.
    """
    verb = _spoken(runtime, speaker, said, delivery.message.received_at).verb
    wanted = [one.name for one in verb.takes.each() if one.kind is ArgumentKind.FILE]
    if not wanted:
        return {}
    return {wanted[0]: sent_file(runtime, speaker.place, speaker.address_key, delivery.message.received_at)}


def _read(
    runtime: Runtime, speaker: Speaker, delivery: Delivery, said: str, files: Mapping[str, object]
) -> Outcome | None:
    """What a verb answers that only reads; None for any other one. Raises VerbRefused."""
    spoken = _spoken(runtime, speaker, said, delivery.message.received_at)
    given = {**spoken.given, **files}
    if spoken.verb.long or spoken.verb.name in {CONFIRM, JOIN, MORE, HELP} or spoken.verb.alters(given):
        return None
    return Outcome(spoken.verb.carry_out(_desk(runtime, speaker, delivery), given), "done")


def _known(runtime: Runtime, speaker: Speaker, delivery: Delivery, said: str) -> object:
    """What a verb that is said, or whose plan is confirmed, needs to know before its transaction begins."""
    spoken, desk = _spoken(runtime, speaker, said, delivery.message.received_at), _desk(runtime, speaker, delivery)
    if spoken.verb.name != CONFIRM:
        return spoken.verb.prepared(desk, spoken.given).known
    with read_only(runtime.sessions) as session:
        plan = seen(session, str(spoken.given.get("word", "")))
    if plan is None:
        return None
    return by_name(runtime.mechanics.verbs)[plan.verb].prepared(desk, given_of(runtime, plan)).known


def _desk(runtime: Runtime, speaker: Speaker, delivery: Delivery) -> Desk:
    outlets = runtime.setting(Outlets)
    return Desk(
        runtime,
        delivery.message.received_at,
        outlets.read if outlets is not None else tuple,
        speaker.name,
        speaker.role,
        speaker.place,
        speaker.address_key,
        delivery.message.text,
    )


def _spoken(runtime: Runtime, speaker: Speaker, said: str, at: datetime) -> Spoken:
    """The verb that was said. Raises VerbRefused for none, one that the role may not say, and bad arguments."""
    tongue = tongue_of(runtime.mechanics.verbs)
    allowed = [verb for verb in tongue.verbs if verb.may_be_said_by(speaker.role)]
    begun = tongue.begins(said)
    if begun is None or begun[0] not in allowed:
        raise no_verb(tongue, said, allowed)
    verb, rest = begun
    return Spoken(verb, arguments(verb, rest, runtime.mechanics.phrases(), at), only_plan=False)


class _Saying:
    """What is answered to one message, and what is written of it."""

    def __init__(
        self,
        session: Session,
        runtime: Runtime,
        delivery: Delivery,
        speaker: Speaker | None,
        teller: Teller,
        *,
        files: Mapping[str, object],
        known: object,
    ) -> None:
        self._session, self._runtime, self._delivery = session, runtime, delivery
        self._speaker, self._teller, self._files, self._known = speaker, teller, files, known
        self._verb = "?"
        self._plan: Plan | None = None
        self._ending: log.Ending = "refused"
        self._outcome: Outcome | None = None

    def said(self) -> Said:
        """For the log."""
        return _logged(self._delivery, self._speaker, self._verb, self._ending, self._outcome)

    def replies(self, said: str, read: Outcome | VerbRefused | None, *, only_preview: bool) -> list[Reply]:
        """What is answered."""
        begun = tongue_of(self._runtime.mechanics.verbs).begins(said)
        self._verb = begun[0].name if begun else said.split(maxsplit=1)[0][:40] if said else "?"
        if self._delivery.message.member is not None:
            return [Reply("verb.alone")]
        try:
            if self._speaker is None:
                text = self._joined(begun[1] if begun else "")
            else:
                text = self._answered(self._speaker, said, read, only_preview=only_preview)
        except VerbRefused as refused:
            if isinstance(refused, Misspoken) and begun is not None:
                refused = with_example(begun[0], refused)
            text = self._teller.refused(refused)
        page, rest = pages(text, self._delivery.message.channel)
        choices = self._choices(rest)
        picture = self._teller.picture(self._outcome.answer) if self._outcome is not None else None
        return [Reply("verb.says", {"text": page}, choices=choices, picture=picture, ends=self._ended(begun))]

    def _ended(self, begun: tuple[Verb[Any], str] | None) -> tuple[str, ...]:
        """What the button said of the plan that was to be confirmed, where that waits no more."""
        if begun is None or begun[0].name != CONFIRM or not has_buttons(self._delivery.message.channel):
            return ()
        found = newest(self._session, begun[1])
        over = found is not None and (
            found.state != "waiting" or self._delivery.message.received_at >= found.expires_at
        )
        return (f"/{CONFIRM} {found.word}",) if found is not None and over else ()

    def _joined(self, word: str) -> str:
        message = self._delivery.message
        found = invitation_of(self._session, self._runtime.keys, read_word(word) or "", message.received_at)
        if found is None:
            raise VerbRefused("this word is good no more")
        made = accept(self._session, found, self._delivery.key[0], message.received_at)
        self._speaker = Speaker(made.name, Role(made.role), message.place, self._delivery.key[0])
        self._ending = "done"
        return self._teller.sentence(
            "Welcome, {name}. You are {role} here; /help shows what you can do.", name=made.name, role=made.role
        )

    def _answered(self, speaker: Speaker, said: str, read: Outcome | VerbRefused | None, *, only_preview: bool) -> str:
        operator = self._session.get_one(Operator, speaker.address_key)
        operator.used_at = max(operator.used_at, self._delivery.message.received_at)
        if isinstance(read, VerbRefused):
            raise self._refused(speaker, said, read)
        if read is None and self._verb == MORE:
            self._ending, self._plan = "done", plan_shown(self._session, operator.address_key)
            return self._rest(operator)
        outcome = self._outcome = read or self._changed(speaker, said, only_preview=only_preview)
        self._ending = outcome.ending
        self._plan = outcome.plan
        return self._teller.answer(outcome.answer)

    def _refused(self, speaker: Speaker, said: str, refused: VerbRefused) -> VerbRefused:
        """Note whether the role is what keeps it from being done."""
        begun = tongue_of(self._runtime.mechanics.verbs).begins(said)
        if begun is not None and not begun[0].may_be_said_by(speaker.role):
            self._ending = "denied"
        return refused

    def _changed(self, speaker: Speaker, said: str, *, only_preview: bool) -> Outcome:
        try:
            spoken = _spoken(self._runtime, speaker, said, self._delivery.message.received_at)
        except VerbRefused as refused:
            raise self._refused(speaker, said, refused) from None
        spoken = replace(spoken, given={**spoken.given, **self._files})
        desk, verb = replace(_desk(self._runtime, speaker, self._delivery), known=self._known), spoken.verb
        if verb.name in {CONFIRM, HELP, JOIN}:
            return self._about_itself(verb, speaker, desk, verb.takes.read(spoken.given))
        if only_preview or (verb.confirm is not None and spoken.given.get(DRY_RUN) in {True, "yes"}):
            return preview(self._session, verb, desk, spoken.given)
        if verb.confirm is not None or verb.planned or speaker.can_be_forged:
            return plan(self._session, verb, desk, spoken.given)
        return self._done_or_planned(verb, desk, spoken)

    def _about_itself(self, verb: Verb[Any], speaker: Speaker, desk: Desk, given: Arguments) -> Outcome:
        told = given.model_dump()
        verbs = self._runtime.mechanics.verbs
        if verb.name == CONFIRM:
            return confirm(self._session, by_name(verbs), desk, told["word"])
        if verb.name == HELP:
            return Outcome(help_of(tongue_of(verbs), speaker.role, told["verb"]), "done")
        why = "you have a role here already: {name}, {role}; the word is for somebody else"
        raise VerbRefused(why, name=speaker.name, role=speaker.role.value)

    def _done_or_planned(self, verb: Verb[Any], desk: Desk, spoken: Spoken) -> Outcome:
        """Done, unless it reaches several people, or the campaign's file wants somebody to confirm so much of it."""
        foreseen = foresee(self._session, verb, desk, spoken.given)
        is_one = foreseen.reach.people <= 1
        if not is_one or needs(self._session, self._runtime, verb, foreseen.reach)[0] != "self":
            return plan(self._session, verb, desk, spoken.given, foreseen)
        return Outcome(do(self._session, verb, desk, spoken.given), "done")

    def _choices(self, rest: str) -> tuple[Choice, ...]:
        """What can be chosen now: the ``rest`` is kept for whoever wants to read on."""
        if self._speaker is None:
            return ()
        operator = self._session.get_one(Operator, self._speaker.address_key)
        if rest or operator.rest_sealed is not None:
            sealed = self._runtime.keys.seal(REST_COLUMN, self._speaker.address_key, rest) if rest else None
            operator.rest_sealed = sealed
        message = self._delivery.message
        return shown(offers(operator, self._plan, message.channel, message.received_at), message.channel)

    def _rest(self, operator: Operator) -> str:
        if operator.rest_sealed is None:
            return self._teller.sentence("There is no more.")
        return self._runtime.keys.unseal(REST_COLUMN, operator.address_key, operator.rest_sealed)


ASIDE = Aside(_concerns, _follows, speakers, _claims, _take)
