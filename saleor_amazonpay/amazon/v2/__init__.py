"""The v2 wire: Checkout v2 (pay-api). `wire.V2Wire` is what the outside may use."""
