"""SMS over SMPP 3.4 links: our own session, with smpplib as the codec of its PDUs (https://smpp.org/SMPP_v3_4_Issue1_2.pdf)."""
