"""`python -m huoju` is `huoju`."""

from huoju.cli import main

main()
