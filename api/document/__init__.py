"""The OpenAPI document: schemas, an example for everything, and links from answer to request."""
