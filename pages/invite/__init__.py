"""The page behind an invite link: what the campaign is, which word to send where, and the link as a QR picture."""
