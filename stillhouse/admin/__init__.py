"""`stillhouse-admin`: what an operator does beside the service, on its database."""
