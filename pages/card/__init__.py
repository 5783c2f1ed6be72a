"""The page behind the QR picture of a card."""
