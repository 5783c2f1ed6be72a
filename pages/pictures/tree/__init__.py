"""A chain of torches as a tree that stays readable: every torch of a small one, of a large one what matters."""

from pages.pictures.tree.drawing import Drawing
from pages.pictures.tree.layout import draw_tree
from pages.pictures.tree.png import as_png
from pages.pictures.tree.svg import as_svg
from pages.pictures.tree.tall import draw_tall

__all__ = ["Drawing", "as_png", "as_svg", "draw_tall", "draw_tree"]
