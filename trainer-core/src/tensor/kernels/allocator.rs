//! The memory of large blocks, which a training step asks for again and again: kept by the system's allocator, or used once more.

/// Keeps freed memory in the process instead of giving it back after every large tensor, which costs a page fault for
/// each page of the next one. Does nothing where the C library is not GNU's.
pub(crate) fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const ONE_GIBIBYTE: i32 = 1 << 30;
        // SAFETY: `mallopt` takes two integers, locks what it changes, and may be called at any time and again.
        #[expect(unsafe_code, reason = "the C library has no safe way to set this")]
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, ONE_GIBIBYTE);
            libc::mallopt(libc::M_TRIM_THRESHOLD, ONE_GIBIBYTE);
        }
    }
}

/// Memory of so many numbers, whatever they are: this, or new memory where it is empty.
pub(crate) fn of_length(mut memory: Vec<f32>, length: usize) -> Vec<f32> {
    if memory.is_empty() {
        return vec![0.0; length];
    }
    memory.resize(length, 0.0);
    memory
}
