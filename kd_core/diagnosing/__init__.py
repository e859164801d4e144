"""What is behind the numbers of a report: which classes, which samples, how surely."""
