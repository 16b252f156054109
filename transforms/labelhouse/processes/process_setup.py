"""Set up a process that parses."""

import gc


def prepare_process() -> None:
    """Set this process up for parsing."""
    # Records make no reference cycles, and there are very many records: a search for cycles costs a tenth.
    gc.disable()
    # Imported here because a process that finds only known bytes needs no Arrow.
    import pyarrow as pa

    # Arrow's own allocator keeps a fifth more memory at the same speed.
    pa.set_memory_pool(pa.system_memory_pool())


def limit_memory(memory_bytes: int) -> None:
    """Limit this process's address space, where the system supports it."""
    try:
        import resource
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = memory_bytes if most == resource.RLIM_INFINITY else min(memory_bytes, most)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, most))
