"""The doctor: looks at this installation and at each account, and says what to do."""

import os
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from pyexpat import EXPAT_VERSION, version_info
from urllib.parse import urlsplit

import httpx
from sqlalchemy import Engine, and_, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError

from bots.base import ChannelDependencies, Finding, finding
from bots.clock_skew import skew_finding
from core import resealing, schema
from core.answers import Verbatim, VerbName, line, listing
from core.campaign.place_checks import KnownPlaces, place_findings
from core.campaign.published import read_rules
from core.database import DatabaseUnusable, open_database, read_only, sessions
from core.keys import Keyring, KeysUnusable, open_key_file
from core.models import Campaign, CampaignVersion, Installation
from core.operators import VerbRefused
from core.randomness import SystemRandomness
from core.times import Clock, system_clock
from core.verbs import Look
from handlers import MECHANICS
from handlers.gifts.titles import title_findings
from handlers.relay.name_review import queue
from huoju.account_registry import AccountRegistry, known_places, look_at_registry
from huoju.accounts import Account, Found
from huoju.metrics import metrics_files
from huoju.sending_status import account_statuses
from huoju.settings import Settings
from huoju.web.health import Readiness
from pages.pictures.fonts import FontMissing, find_fonts

SKEW = timedelta(seconds=5)
"""By so much the database's clock may differ from ours."""
REVIEWED_WITHIN = timedelta(days=1)
"""A name that has waited longer for an operator needs one."""
EXPAT_SAFE = (2, 7, 2)
_TIMEOUT_S = 5.0
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def sections(settings: Settings, account: str | None = None) -> Iterator[tuple[str, Iterator[Finding]]]:
    """What is looked at, the installation, its file and all accounts or one of these, each with what is found there.

    Platforms and the public address are asked, which takes some seconds each. Nothing is changed. Raises VerbRefused
    for an account that is none of ours.
    """
    found = look_at_registry(settings)
    registry = AccountRegistry(found.complete)
    chosen = _chosen(registry, account, found)
    dependencies = ChannelDependencies(system_clock, SystemRandomness(), settings.links_begin_with)
    with dependencies.ends:
        if account is None:
            called, known = any(registry.webhook_paths().values()), known_places(settings)
            yield "installation", _safely(installation_findings(settings, system_clock, called=called, known=known))
        yield str(settings.config_file), _safely(_complaints(found, account))
        for one in chosen:
            yield str(one), _safely(registry.findings(one, dependencies))


def looks(settings: Settings, account: str | None = None) -> Iterator[Look]:
    """The same, one after another."""
    for about, findings in sections(settings, account):
        for one in findings:
            yield Look(about, one.named, one.well, one.advised)


def _safely(findings: Iterator[Finding]) -> Iterator[Finding]:
    """What is found, and where a look fails that it does: the others have to be looked at, too."""
    try:
        yield from findings
    except Exception as error:  # noqa: BLE001  # whatever it is
        failed = "the look failed ({why}); tell the makers"
        yield finding("it can be looked at", False, failed, why=type(error).__name__)


def _complaints(found: Found, account: str | None) -> Iterator[Finding]:
    if found.blocked_words is not None and account is None:
        words = "{count:,} words of its own that no name may hold, in place of the shipped list"
        yield finding(words, True, count=len(found.blocked_words))
    for one in found.violations:
        if account is None or one.account in {None, account}:
            place = Verbatim(one.place) if one.place else line("the file")
            yield finding("{where}", False, "{why}", where=place, why=one.remedy)


def _chosen(registry: AccountRegistry, account: str | None, found: Found) -> list[Account]:
    chosen = [one for one in registry.accounts if account in {None, str(one)}]
    if not chosen and account is not None and account not in {one.account for one in found.violations}:
        known = ", ".join(map(str, registry.accounts)) or "-"
        raise VerbRefused("{account} is no account of ours; these are: {known}", account=account, known=Verbatim(known))
    return chosen


def installation_findings(settings: Settings, clock: Clock, *, called: bool, known: KnownPlaces) -> Iterator[Finding]:
    """Keys, database, names, clock, fonts, expat, public address and numbers; nothing is changed but a heartbeat.

    ``called`` says whether some platform has to reach us, ``known`` where people can.
    """
    keys = _open(settings)
    if isinstance(keys, Finding):
        yield keys
    else:
        yield finding("the key file {file} is complete", True, file=str(settings.keys_file))
        yield _private(settings.keys_file)
    yield from _database(settings, None if isinstance(keys, Finding) else keys, clock, known)
    yield _fonts(settings.font_file)
    yield _expat()
    yield from _public_address(settings, called=called)
    yield _numbers(settings.metrics_folder)


def _open(settings: Settings) -> Keyring | Finding:
    try:
        return open_key_file(settings.keys_file, SystemRandomness())
    except (KeysUnusable, OSError) as error:
        return finding("the key file", False, "{why}", why=str(error))


def _private(path: Path) -> Finding:
    open_to = path.stat().st_mode & _OTHERS
    return finding("nobody else can read the key file", not open_to, "run: chmod 600 {file}", file=str(path))


def _database(settings: Settings, keys: Keyring | None, clock: Clock, known: KnownPlaces) -> Iterator[Finding]:
    what = "the database answers"
    if not exists(settings.database_url):
        yield finding(what, False, "its file is not there yet; run: huoju db upgrade")
        return
    try:
        database = open_database(settings.database_url, connections=2)
    except (DatabaseUnusable, OSError) as error:
        yield finding(what, False, "{why}", why=str(error))
        return
    try:
        with database.connect():
            yield finding(what, True)
        fits = _schema(database, keys)
        yield fits
        if fits.well:
            yield _writable(database, clock)
            yield from _campaigns(database, known)
            yield from _accounts(database, clock)
            yield names_waiting(database, clock)
            yield from _backup(database, clock, settings.backup_days)
            yield from _old_seals(database, keys, clock)
        yield from _clock(database, clock)
    except DBAPIError as error:
        reason = (str(error.orig).strip().splitlines() or ["no reason given"])[0]
        yield finding(what, False, "{why}; see HUOJU_DATABASE_URL, and whether the server runs", why=reason)
    finally:
        database.dispose()


def exists(url: str) -> bool:
    """False for a database in a file that opening it would make."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return True
    return parsed.get_backend_name() != "sqlite" or not parsed.database or Path(parsed.database).exists()


def _schema(database: Engine, keys: Keyring | None) -> Finding:
    what = "the database has this program's schema, and belongs to the key file"
    if keys is None:
        return finding(what, False, "give the key file first")
    try:
        schema.check_keys(database, keys)
    except DatabaseUnusable as error:
        return finding(what, False, "{why}", why=str(error))
    return finding(what, True)


def _writable(database: Engine, clock: Clock) -> Finding:
    what = "the database takes what is written, within two seconds"
    why = Readiness(database, lambda: None, clock, SystemRandomness())()
    remedy = "{why}; look after its disk, its rights, and whether it is a replica"
    return finding(what, why is None, remedy, why=why)


def _campaigns(database: Engine, known: KnownPlaces) -> Iterator[Finding]:
    """Campaigns that are not over and name a place where nobody can reach us, or a gift that nobody can."""
    newest = select(Campaign.name, CampaignVersion.rules).join(
        CampaignVersion, and_(CampaignVersion.campaign_id == Campaign.id, CampaignVersion.version == Campaign.version)
    )
    with read_only(sessions(database)) as session:
        found = session.execute(newest.where(Campaign.state != "ended").order_by(Campaign.id)).all()
    for name, published in found:
        rules = read_rules(published, MECHANICS.sections)
        wrong = [why for _, why in place_findings(rules, known)]
        what = "people can reach the campaign {campaign} wherever it is played"
        remedy = "{wrong}; mend its file and publish it again"
        yield finding(what, not wrong, remedy, campaign=name, wrong=listing(wrong, "; "))
        called = [why for _, why in title_findings(rules, MECHANICS.routes)]
        if called:  # by words that are newer than its publication
            what = "each gift of the campaign {campaign} can be chosen by its title"
            yield finding(what, False, "{wrong}", campaign=name, wrong=listing(called, "; "))


def _accounts(database: Engine, clock: Clock) -> Iterator[Finding]:
    """Accounts that may not send now."""
    with read_only(sessions(database)) as session:
        for account, why_not in account_statuses(session, clock()):
            name = f"{account.channel}/{account.account}"
            yield finding("{account} may send", not why_not, "{why}", account=name, why=listing(why_not, "; "))


def names_waiting(database: Engine, clock: Clock) -> Finding:
    """Names that wait are no fault until they have waited for long."""
    with read_only(sessions(database)) as session:
        count, since = queue(session)
    if since is None:
        return finding("no name waits for review", True)
    what = "names that wait for review: {count}, the first since {since:%Y-%m-%d %H:%M} UTC"
    soon = clock() - since <= REVIEWED_WITHIN
    return finding(what, soon, "look at them: {verb}", count=count, since=since, verb=VerbName("names list"))


def _backup(database: Engine, clock: Clock, days: int) -> Iterator[Finding]:
    """Nothing where somebody else backs up, or no campaign has run for so long."""
    with read_only(sessions(database)) as session:
        backed_up_at = session.scalar(select(Installation.backed_up_at))
        begun_at = session.scalar(select(func.min(Campaign.published_at)))
    since = backed_up_at or begun_at
    if not days or since is None:
        return
    last = "the last backup was taken {at:%Y-%m-%d %H:%M} UTC" if backed_up_at else "no backup was taken yet"
    recent = clock() - since <= timedelta(days=days)
    yield finding(last, recent, "run: huoju backup (every night, from cron)", at=backed_up_at)


def _old_seals(database: Engine, keys: Keyring | None, clock: Clock) -> Iterator[Finding]:
    """Nothing before a rotation of keys. While it goes on that is no fault, unless it stands still."""
    if keys is None:
        return
    with read_only(sessions(database)) as session:
        told, wrong = [*resealing.told(session, keys)], [*resealing.wrong(session, keys, clock())]
    for one in told:
        yield finding("{told}", not wrong, "{wrong}", told=one, wrong=listing(wrong, "; "))


def _clock(database: Engine, clock: Clock) -> Iterator[Finding]:
    """A database in a file has no clock of its own."""
    if database.dialect.name != "postgresql":
        return
    with read_only(sessions(database)) as session:
        theirs: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    yield skew_finding("the database's", theirs, clock, SKEW)


def _fonts(named: Path | None) -> Finding:
    what = "pictures have a font with Chinese"
    try:
        find_fonts(named)
    except FontMissing as error:
        return finding(what, False, "{why}", why=str(error))
    return finding(what, True)


def _expat() -> Finding:
    """An old one is told, and no fault: what could harm it never reaches it."""
    if version_info >= EXPAT_SAFE:
        return finding("{library} reads XML", True, library=Verbatim(EXPAT_VERSION))
    newest = Verbatim(".".join(map(str, EXPAT_SAFE)))
    older = "{library} reads XML; it is older than {newest}, so <! is refused before it reads"
    return finding(older, True, library=Verbatim(EXPAT_VERSION), newest=newest)


def _public_address(settings: Settings, *, called: bool) -> Iterator[Finding]:
    begin = settings.links_begin_with
    if begin is None:
        needed = "platforms have to reach us, and links for players begin with it: set HUOJU_PUBLIC_URL"
        none = "the public address" if called else "no public address is set, and no platform needs one"
        yield finding(none, not called, needed)
        return
    url, secure = Verbatim(begin), urlsplit(begin).scheme == "https"
    yield finding("the public address {url} is https", secure, "platforms and players need https", url=url)
    what = "{url} leads to this program"
    try:
        with httpx.Client(timeout=_TIMEOUT_S) as client:
            response = client.get(f"{begin}/healthz")
        well = response.status_code == httpx.codes.OK and response.json() == {"alive": True}
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        remedy = "{why}: start the web process, and look at DNS, proxy and certificate"
        yield finding(what, False, remedy, url=url, why=type(error).__name__)
        return
    except ValueError:
        well = False
    elsewhere = "/healthz answers {status} there: does the proxy lead here?"
    yield finding(what, well, elsewhere, url=url, status=response.status_code)


def _numbers(folder: Path) -> Finding:
    roles = sorted({role for role, _, _ in metrics_files(folder)}) if folder.is_dir() else []
    what = "processes on this machine: {roles}; their numbers are kept in {folder}"
    told = Verbatim(", ".join(roles) or "-")
    nearest = next((path for path in (folder, *folder.absolute().parents) if path.exists()), folder)
    remedy, kept_in = "{nearest} cannot be written: see HUOJU_METRICS_FOLDER", Verbatim(folder)
    writable = os.access(nearest, os.W_OK)
    return finding(what, writable, remedy, roles=told, folder=kept_in, nearest=Verbatim(nearest))
