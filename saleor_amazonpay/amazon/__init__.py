"""Amazon Pay behind one port: a package per wire, notices, regions."""
