"""The `still` command."""
