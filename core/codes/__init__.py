"""Codes: their alphabet, how they are issued for a printer, and what redeeming one means."""
