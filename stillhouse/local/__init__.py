"""The whole service on one machine, in one folder: what `still up` runs."""
