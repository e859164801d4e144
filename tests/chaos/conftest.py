"""Every test of this room has a service of its own."""

from tests.support.service_fixtures import broker, service, template

__all__ = ["broker", "service", "template"]
