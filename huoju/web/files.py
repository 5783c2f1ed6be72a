"""What the pages of files are handed: what a job has left, and a person's data, by the link to it."""

from datetime import datetime

from handlers.operators import job_files
from handlers.rights import links
from huoju.bootstrap import Installation
from huoju.web.cached import told_as_unavailable
from pages.file.serve import FilePage, Given, Waiting
from pages.file.wording import DATA, DATA_SORRY


def file_page(installation: Installation) -> FilePage:
    """What the doors under /file are handed."""
    runtime = installation.runtime()

    def look(link: str) -> Waiting | datetime | None:
        with told_as_unavailable():
            found = job_files.look(runtime, link, installation.clock())
        return Waiting(*found) if isinstance(found, job_files.Offered) else _when(found)

    def take(link: str) -> Given | datetime | None:
        with told_as_unavailable():
            found = job_files.fetch(runtime, link, installation.clock())
        return Given(*found) if isinstance(found, job_files.Fetched) else _when(found)

    return FilePage(look, take)


def data_page(installation: Installation) -> FilePage:
    """What the doors under /my-data are handed."""
    runtime = installation.runtime()

    def look(link: str) -> Waiting | datetime | None:
        with told_as_unavailable():
            found = links.look(runtime, link, installation.clock())
        return Waiting(found, None) if isinstance(found, str) else found

    def take(link: str) -> Given | datetime | None:
        with told_as_unavailable():
            found = links.fetch(runtime, link, installation.clock())
        return Given(*found) if isinstance(found, links.Fetched) else found

    return FilePage(look, take, DATA, DATA_SORRY)


def _when(found: job_files.Taken | None) -> datetime | None:
    return None if found is None else found.at
