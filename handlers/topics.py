"""All kinds of questions, by name."""

from core.engine.routes import Topic
from handlers import delivery, gifts, prizes

TOPICS: dict[str, Topic] = {topic.name: topic for topic in (*gifts.TOPICS, *prizes.TOPICS, *delivery.TOPICS)}
