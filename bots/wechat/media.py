"""Fetching what players sent to an account, for as long as the platform keeps it: three days.

Specification: https://developers.weixin.qq.com/doc/service/en/api/material/temporary/api_getmedia.html
"""

from bots.http_client import TooLong
from bots.wechat.client import Client, Failed
from core.attachments import EXPIRED, TOO_LARGE, Fetched, Media, NotFetched
from core.sending.outbound import Refused

_UNKNOWN_MEDIA = 40007


class WeChatMedia:
    """Fetches for one account over ``api``, which its maker closes."""

    def __init__(self, api: Client) -> None:
        self._api = api

    def fetch(self, media: Media, limit_bytes: int) -> Fetched | NotFetched:
        """The content of ``media``, whose handle is a media_id."""
        try:
            found = self._api.download(media.handle, limit_bytes, self._api.soon_s())
        except TooLong:
            return NotFetched(TOO_LARGE, again=False)
        except Failed as failed:
            if failed.means is not None and failed.means.code == _UNKNOWN_MEDIA:
                return NotFetched(EXPIRED, again=False)
            error = getattr(failed.outcome, "error", "failed")
            return NotFetched(error, again=not isinstance(failed.outcome, Refused))
        return Fetched(found.content, found.content_type)
