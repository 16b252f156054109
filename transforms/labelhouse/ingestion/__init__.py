"""The whole way of an export into a warehouse."""
