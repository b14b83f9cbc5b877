import Glibc

/// poll(2) over a few descriptors, for the one place that waits for them and for nothing else.
struct DescriptorWait {
    private var entries: [pollfd] = []

    /// Waits for bytes to read, or for room to write with `forWriting`, too.
    mutating func add(_ descriptor: Int32, forReading: Bool, forWriting: Bool) {
        let events = (forReading ? POLLIN : 0) | (forWriting ? POLLOUT : 0)
        entries.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
    }

    /// Waits at most so many milliseconds, less when a signal comes, and answers which descriptors are ready. An error
    /// or a
    /// connection that has ended is both.
    mutating func wait(milliseconds: Int32) -> [(descriptor: Int32, isReadable: Bool, isWritable: Bool)] {
        guard unsafe poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return [] }
        return entries.compactMap { entry in
            guard entry.revents != 0 else { return nil }
            let events = Int32(entry.revents)
            let hasFailed = events & Int32(POLLERR | POLLHUP | POLLNVAL) != 0
            return (entry.fd, hasFailed || events & Int32(POLLIN) != 0, hasFailed || events & Int32(POLLOUT) != 0)
        }
    }
}
