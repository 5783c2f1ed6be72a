"""The baseline of WeChat's door: WeRoBot, as its documentation has it, says what it hears; no database, no dedupe."""

from typing import Any

from werobot import WeRoBot

from benchmarks.deliveries import AES_KEY, APP_ID, TOKEN


def create_app() -> Any:
    """The WSGI application of one worker, in whichever mode a message comes."""
    robot = WeRoBot(token=TOKEN, app_id=APP_ID, encoding_aes_key=AES_KEY, SESSION_STORAGE=False)

    @robot.text
    def echo(message: Any) -> str:
        said: str = message.content
        return said

    return robot.wsgi
