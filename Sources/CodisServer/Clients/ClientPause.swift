import Memory

/// A time in which no client is served, set by CLIENT PAUSE: connections are accepted and bytes are read, but no
/// request is executed until it has passed.
struct ClientPause {
    /// Nanoseconds of `Clock.monotonic`; 0 while there is no pause.
    private var end: Int64 = 0

    var isOn: Bool { end != 0 }

    /// Lets the pause last until `time` at least.
    mutating func extend(to time: Int64) { end = max(end, time) }

    /// Whether there was a pause and its time has passed; then there is none any more.
    mutating func ends(at now: Int64) -> Bool {
        guard isOn, now >= end else { return false }
        end = 0
        return true
    }

    /// Milliseconds the event loop may sleep: until the end of the pause, or without end.
    func wait(from now: Int64) -> Int32 {
        guard isOn else { return .max }
        return Int32(clamping: (max(0, end - now) + 999_999) / 1_000_000)
    }
}

extension Server {
    /// When the pause is over, what clients sent meanwhile is executed, in the order in which they had connected.
    mutating func endPause() {
        guard pause.ends(at: clock.monotonic) else { return }
        for (_, client) in clients.sorted(by: { $0.key < $1.key }) { tryAgain(client) }
    }
}
