"""Saleor as an app sees it: payloads, answers, signatures, manifest, API client."""
