"""All kinds of questions, by name."""

from core.engine.routes import Topic
from handlers import delivery, gifts, prizes, rules, unasked

_ALL = (*gifts.TOPICS, *prizes.TOPICS, *delivery.TOPICS, *unasked.TOPICS, *rules.TOPICS)
TOPICS: dict[str, Topic] = {topic.name: topic for topic in _ALL}
