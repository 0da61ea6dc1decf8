"""Checkout v2 of the simulated Amazon: sessions, charge permissions, charges, refunds, disputes and reports.

It shares clock, buyers, cards, faults and notifications with v1, and takes v1's objects by their mapped ids.
"""
