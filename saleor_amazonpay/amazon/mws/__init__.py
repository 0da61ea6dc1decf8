"""Amazon Pay v1: MWS OffAmazonPayments 2013-01-01 with Login with Amazon. Amazon has announced its end."""
