"""A placed picture: shapes and lines of text with their places in units, for any renderer."""

from dataclasses import dataclass, field

from handlers.relay.views import TorchState

INK, SOFT, EMBER, GROUND, SHEET = "#2b211a", "#685a4e", "#ad390a", "#fdfbf7", "#ffffff"
LINE, WAY, POD, POD_EDGE, MORE, MORE_EDGE = "#cbbdae", "#e4571b", "#f6efe5", "#e3d7c8", "#f1e4d3", "#cdb595"
FLAME, RING, ASH = "#e4571b", "#8a5a3a", "#8d8279"


@dataclass(frozen=True, slots=True)
class Edge:
    """From a parent rightwards to ``bus``, down, and rightwards again to a child."""

    x: float
    y: float
    bus: float
    to_x: float
    to_y: float
    on_way: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A torch: burning is a flame, unlit an empty ring, gone out a cross. ``r`` is half its height."""

    x: float
    y: float
    r: float
    state: TorchState
    is_me: bool = False


@dataclass(frozen=True, slots=True)
class Pill:
    """A box with round ends around torches of one parent, or around a number."""

    left: float
    top: float
    right: float
    bottom: float
    fill: str
    edge: str


@dataclass(frozen=True, slots=True)
class Text:
    """One line on its baseline; cut where it is wider than ``max_width``."""

    x: float
    y: float
    text: str
    size: float
    fill: str = INK
    bold: bool = False
    anchor: str = "middle"
    max_width: float = 1e6


@dataclass(slots=True)
class Drawing:
    """Everything to be seen, and a title and description for who does not see it. Drawn in the order of the fields."""

    width: int
    height: int
    language: str
    title: str
    description: str
    ember: str = EMBER
    """Of what is written of me."""
    way: str = WAY
    """Of the way to me, and the ring around me."""
    edges: list[Edge] = field(default_factory=list)
    pills: list[Pill] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    @property
    def code_formats(self) -> int:
        """How many things are drawn."""
        return len(self.edges) + len(self.pills) + len(self.marks) + len(self.texts)
