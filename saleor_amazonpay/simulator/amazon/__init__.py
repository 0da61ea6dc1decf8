"""Amazon Pay on this machine: the v1 (MWS) wire with Login with Amazon and notifications.

`AmazonWorld` holds the books and the rules, `create_app` serves them, `InProcessHttp` reaches them without a socket.
It is hard on callers: signatures, limits, states and error codes are Amazon's.
"""

from __future__ import annotations

from saleor_amazonpay.simulator.amazon.app import create_app
from saleor_amazonpay.simulator.amazon.bridge import InProcessHttp
from saleor_amazonpay.simulator.amazon.clock import SimClock
from saleor_amazonpay.simulator.amazon.entities import Behaviour
from saleor_amazonpay.simulator.amazon.errors import AnswerDroppedError, HostGoneError
from saleor_amazonpay.simulator.amazon.faults import Fault
from saleor_amazonpay.simulator.amazon.world import AmazonWorld

__all__ = [
    "AmazonWorld",
    "AnswerDroppedError",
    "Behaviour",
    "Fault",
    "HostGoneError",
    "InProcessHttp",
    "SimClock",
    "create_app",
]
