"""What every process of the service sets up first: settings, logging, the broker."""
