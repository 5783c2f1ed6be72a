"""SMS through a Kannel gateway, https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html."""
