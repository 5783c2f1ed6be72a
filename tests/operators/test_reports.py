"""Reports: every morning an operator who asked for it is told of yesterday, once, whatever clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from core.models import Campaign, OutboundJob, Outbox
from core.operators import Role
from core.verbs import Desk, by_name
from handlers import MECHANICS
from handlers.operators import reports
from handlers.operators.access import SLEEPS_AFTER
from handlers.operators.reports import due_at, send_reports
from handlers.operators.tables import Operator, Report, ReportDay
from tests.adapters.telegram.rig import Chat
from tests.adapters.telegram.updates import message
from tests.beginnings import begin
from tests.fakes.telegram import fake_telegram
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults, play

MORNING = timedelta(hours=20, minutes=30)
"""From noon, when a stage begins, to half past eight."""


def report_to_one(stage: Stage) -> None:
    """A campaign with an operator to whom its report comes, at noon of its first day."""
    stage.publish()
    stage.appoint(Role.AUDITOR)
    stage.command("/report on", by="boss")
    play(stage, "anna")


@pytest.fixture
def office(stage: Stage) -> Stage:
    return begin(stage, report_to_one)


def sent(stage: Stage) -> int:
    return send_reports(stage.runtime, stage.now)


def told(stage: Stage, by: str = "boss") -> list[str]:
    """The reports that were put into the outbox for an address, opened."""
    return [one for one in stage.told(by) if "yesterday" in one.partition("\n")[0] or "昨天" in one.partition("\n")[0]]


def days(stage: Stage) -> list[date]:
    with stage.sessions() as session:
        return list(session.scalars(select(ReportDay.day).order_by(ReportDay.day)))


def test_yesterday_is_told_at_half_past_eight_once(office: Stage) -> None:
    office.public_url = "https://huoju.example"
    office.now += MORNING - timedelta(seconds=1)
    assert sent(office) == 0, "never early"
    office.wait(seconds=1)
    assert [sent(office) for _ in range(3)] == [1, 0, 0]
    (report,) = told(office)
    assert report.startswith("snack, all channels: yesterday, 2026-12-01, beside the same day of the week before.")
    assert "codes redeemed · 1 · 0 · ▲ 1" in report
    assert "/chart/" in report
    office.wait(hours=23, minutes=59)
    assert sent(office) == 0
    office.wait(minutes=1)
    assert sent(office) == 1
    assert days(office) == [date(2026, 12, 1), date(2026, 12, 2)]
    assert not faults(office)


@pytest.mark.reading
def test_where_there_is_little_room_the_verb_shows_the_rest(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("[test, second]", "[test, sms]"))
    stage.appoint(Role.AUDITOR, channel="sms")
    word = stage.command("/report on", by="boss", channel="sms").partition("/confirm ")[2][:4]
    stage.command(f"/confirm {word}", by="boss", channel="sms")
    stage.now += MORNING
    assert sent(stage) == 1
    assert stage.told("boss", channel="sms")[-1].endswith("/report shows all of it.")


def test_a_platform_with_pictures_shows_the_chart_above_the_numbers(stage: Stage) -> None:
    stage.public_url = "https://huoju.example"
    stage.publish(CAMPAIGN.replace("[test, second]", "[telegram]"))
    stage.appoint(Role.AUDITOR, by="1001", channel="telegram")
    with fake_telegram() as fake:
        chat = Chat(stage, fake)
        for said in ("/report on", "/stats"):
            chat.say(message(said, by=1001))
        stage.now += MORNING
        assert sent(stage) == 1
        chat.deliver()
        asked, report = fake.bot.sent[-2:]
        chat.close()
    for each, says in ((asked, "today so far"), (report, "yesterday, 2026-12-01")):
        assert each["photo"].startswith("https://huoju.example/chart/")
        assert says in each["caption"]


def test_the_first_one_comes_on_the_next_morning(office: Stage) -> None:
    office.command("/report off", by="boss")
    office.wait(days=1)
    assert "the next one on 2026-12-03." in office.command("/report on", by="boss")
    assert sent(office) == 0
    office.now += MORNING
    assert sent(office) == 1
    assert days(office) == [date(2026, 12, 2)]


def test_a_clock_that_is_late_tells_once_and_not_of_every_day(office: Stage) -> None:
    office.wait(days=4, hours=20)
    assert sent(office) == 0, "eight in the morning: what was not told yesterday is news no more"
    office.wait(hours=5)
    assert [sent(office) for _ in range(2)] == [1, 0]
    assert days(office) == [date(2026, 12, 5)]


def test_a_report_of_the_late_evening_has_hours_too(office: Stage) -> None:
    office.command("/report on 23:59", by="boss")
    office.wait(days=1, hours=12, minutes=30)
    play(office, "ben")
    assert [sent(office) for _ in range(2)] == [1, 0]
    (report,) = told(office)
    assert "yesterday, 2026-12-01" in report, "the day before the one on which it was due"
    assert "codes redeemed · 1 · 0" in report
    assert "As of 2026-12-02 23:59" in report
    office.wait(days=1, hours=6)
    assert sent(office) == 0
    assert days(office) == [date(2026, 12, 1)]


def test_a_clock_that_jumps_tells_no_day_twice(office: Stage) -> None:
    office.now += MORNING
    assert sent(office) == 1
    office.wait(days=3)
    assert sent(office) == 1
    office.wait(days=-3)
    assert sent(office) == 0, "that day was told of"
    office.wait(days=1)
    assert sent(office) == 1, "a day that nobody was told of, though a later one was"
    office.wait(days=2)
    assert sent(office) == 0
    assert days(office) == [date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 4)]
    assert not faults(office)


def test_the_database_keeps_a_day_from_being_told_twice(office: Stage) -> None:
    office.now += MORNING
    sent(office)
    (first,) = days(office)
    again = ReportDay(address_key=office.key("boss"), campaign_id=1, day=first, told_at=office.now)
    with pytest.raises(IntegrityError), office.sessions.begin() as session:
        session.add(again)
    with pytest.raises(IntegrityError), office.sessions.begin() as session:
        session.execute(update(Report).values(minute=1440))


def test_two_clocks_at_once_tell_once(office: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    office.now += MORNING
    say = reports._answer

    def overtaken(*given: object) -> object:
        """Another clock tells all of it between this one's look and its word."""
        monkeypatch.setattr(reports, "_answer", say)
        assert sent(office) == 1
        return say(*given)  # type: ignore[arg-type]  # as they were given

    monkeypatch.setattr(reports, "_answer", overtaken)
    assert sent(office) == 0
    assert len(told(office)) == 1


def test_whoever_lost_the_role_or_sleeps_is_told_nothing(office: Stage) -> None:
    office.now += MORNING
    with office.sessions.begin() as session:
        session.execute(update(Operator).values(removed_at=office.now))
    assert sent(office) == 0
    with office.sessions.begin() as session:
        session.execute(update(Operator).values(removed_at=None, role="dealer"))
    assert sent(office) == 0
    with office.sessions.begin() as session:
        session.execute(update(Operator).values(role="owner", used_at=office.now - SLEEPS_AFTER - timedelta(seconds=1)))
    assert sent(office) == 0
    (table,) = by_name(MECHANICS.verbs)["report"].carry_out(Desk(office.runtime, office.now, tuple), {}).tables()
    assert table.rows[0][4] == "not while the role sleeps or is gone"
    with office.sessions.begin() as session:
        session.execute(update(Operator).values(used_at=office.now))
    assert sent(office) == 1, "who comes back on that day reads of it"


def test_it_ends_with_the_campaign_and_on_demand(office: Stage) -> None:
    with office.sessions.begin() as session:
        session.execute(update(Campaign).values(state="ended", ended_at=office.now + timedelta(hours=5)))
    office.now += MORNING
    assert sent(office) == 1, "of its last day"
    office.wait(days=1)
    assert sent(office) == 0
    assert "snack is over" in office.command("/report on", by="boss")
    assert "ends before the next report" in office.command("/report", by="boss")


def test_it_is_turned_on_and_off_and_taken_back(office: Stage) -> None:
    assert "comes here every day at 08:30 (Asia/Shanghai); the next one on 2026-12-02." in office.command(
        "/report", by="boss"
    )
    assert office.command("/report off", by="boss") == "No report of snack comes here any more."
    assert "no report comes here" in office.command("/report off", by="boss")
    assert "Taken back" in office.command("/undo", by="boss")
    assert "every day at 19:05" in office.command("/开日报 snack 在 19：05", by="boss")
    assert "every day at 08:30" in office.command("/undo", by="boss")
    office.now += MORNING
    assert sent(office) == 1
    office.command("/report off", by="boss")
    assert "the next one on 2026-12-03" in office.command("/report on", by="boss")
    assert sent(office) == 0, "that day was told of already"
    office.wait(days=1)
    assert sent(office) == 1
    assert not faults(office)


def test_a_report_that_nobody_had_is_not_there_again_after_undo(stage: Stage) -> None:
    stage.publish()
    stage.appoint(Role.AUDITOR)
    stage.command("/report on at 7:00", by="boss")
    assert "No report of snack comes here any more." in stage.command("/undo", by="boss")
    stage.wait(days=1)
    assert sent(stage) == 0


@pytest.mark.reading
@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("/report on tea", "tea is no campaign and no time of the day, such as 08:30"),
        ("/report on 25:00", "25:00 is no campaign and no time"),
        ("/report on at 8:30 at 9:30", "9:30 is one too many"),
        ("/report on snack snack", "snack is one too many"),
        ("/report off tea", "no report of tea comes here"),
        ("/report tea", "there is no campaign tea"),
    ],
)
def test_what_is_nothing_of_it_is_refused(office: Stage, said: str, why: str) -> None:
    assert why in office.command(said, by="boss")


@pytest.mark.reading
def test_a_time_is_said_as_people_say_it(office: Stage) -> None:
    for said, minute in (("8:05", 485), ("０７：３０", 450), ("早上9点", 540), ("9点半", 570), ("21点15分", 1275)):
        office.command(f"/report on {said}", by="boss")
        with office.sessions() as session:
            assert session.scalars(select(Report.minute)).one() == minute, said


def test_each_operator_and_each_campaign_by_itself(office: Stage) -> None:
    office.publish(CAMPAIGN.replace("name: snack", "name: tea").replace("Asia/Shanghai", "Europe/Berlin"))
    office.appoint(Role.OPERATOR, by="wang", name="Wang", channel="second")
    office.say("中文", by="wang", channel="second")
    assert "请说明是哪个活动：snack, tea" in office.command("/日报", by="wang", channel="second")
    office.command("/report on snack", by="wang", channel="second")
    office.command("/report on tea", by="boss")
    assert "say which campaign: snack, tea" in office.command("/report off", by="boss")
    office.now += MORNING
    assert sent(office) == 2, "in Berlin it is half past one"
    with office.sessions() as session:
        refs = session.scalars(select(Outbox.ref).where(Outbox.ref.like("notice:report:%")).order_by(Outbox.ref)).all()
    assert refs == ["notice:report:1:2026-12-01"] * 2
    office.wait(hours=7)
    assert sent(office) == 1
    office.command("/report off tea", by="boss")
    office.wait(days=1)
    assert sent(office) == 2
    (table,) = by_name(MECHANICS.verbs)["report"].carry_out(Desk(office.runtime, office.now, tuple), {}).tables()
    assert [row[:4] for row in table.rows] == [
        ("snack", "Li Na", "test/main", "08:30 Asia/Shanghai"),
        ("snack", "Wang", "second/main", "08:30 Asia/Shanghai"),
    ]


def test_one_that_fails_keeps_no_other_one_back(office: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    office.publish(CAMPAIGN.replace("name: snack", "name: tea"))
    office.command("/report on tea", by="boss")
    answer = reports._answer
    monkeypatch.setattr(
        reports, "_answer", lambda runtime, number, *when: 1 / 0 if number == 1 else answer(runtime, number, *when)
    )
    office.now += MORNING
    assert sent(office) == 1
    monkeypatch.setattr(reports, "_answer", answer)
    assert sent(office) == 1


def test_where_we_may_not_write_it_waits_a_day_and_says_so(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("[test, second]", "[test, wechat]"))
    stage.appoint(Role.AUDITOR, channel="wechat")
    told_ = stage.command("/report on", by="boss", channel="wechat")
    assert "wechat lets us write to you for 48 hours after you wrote." in told_
    stage.now += MORNING
    assert sent(stage) == 1
    report = OutboundJob.ref.startswith(reports.REPORT)
    with stage.sessions() as session:
        assert session.scalars(select(OutboundJob.expires_at).where(report)).one() == stage.now + timedelta(hours=24)
    for state, error, says in (
        ("held", None, "it waits until you write"),
        ("dropped", "expired", "it could not be sent within a day, and was dropped"),
        ("dropped", "unwelcome", "nothing arrives there any more, and it was dropped"),
        ("dead", "45015", "it was given up"),
    ):
        with stage.sessions.begin() as session:
            session.execute(update(OutboundJob).where(report).values(state=state, error=error))
        (table,) = by_name(MECHANICS.verbs)["report"].carry_out(Desk(stage.runtime, stage.now, tuple), {}).tables()
        assert table.rows[0][5:] == ("2026-12-01", says)


@pytest.mark.reading
def test_a_minute_is_one_of_the_clocks_of_the_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert due_at(date(2026, 3, 27), 150, berlin) == datetime(2026, 3, 28, 1, 30, tzinfo=UTC)
    assert due_at(date(2026, 3, 28), 150, berlin) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "an hour that is not"
    assert due_at(date(2026, 3, 29), 150, berlin) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


TAMPERED = [
    ("told and not said", "DELETE FROM outbox WHERE ref LIKE 'notice:report:%'", "was told, and is not in the outbox"),
    ("said and not told", "DELETE FROM report_days", "is in the outbox, and would be told again"),
]


@pytest.mark.parametrize(("name", "sql", "says"), TAMPERED, ids=[name for name, _, _ in TAMPERED])
def test_what_was_tampered_with_is_found(office: Stage, name: str, sql: str, says: str) -> None:
    del name
    office.now += MORNING
    sent(office)
    office.told("boss")  # they have fetched it: no job of it is left
    assert not faults(office)
    with office.sessions.begin() as session:
        session.execute(text(sql))
    assert any(says in one for one in faults(office))
