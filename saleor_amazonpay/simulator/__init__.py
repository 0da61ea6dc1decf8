"""Amazon Pay and a small Saleor on this machine, for demos and tests; imports nothing it tests."""
