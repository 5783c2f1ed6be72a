"""SMS short codes: over SMPP links and over HTTP gateways, one channel with one way to count, sign and price a text."""
