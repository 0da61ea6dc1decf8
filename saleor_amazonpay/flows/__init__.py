"""One file per story: a verified request comes in, a result for Saleor goes out."""
