"""The HTTP doors: webhooks, notices, registration, health."""
