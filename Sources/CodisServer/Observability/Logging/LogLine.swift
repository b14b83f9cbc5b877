import Glibc

/// One line of the log, in the format of Redis 2.8: `[pid] 22 Nov 11:15:07.042 * message`.
///
/// The time is local. The sign before the message tells the level: `.` debug, `-` verbose, `*` notice, `#` warning.
struct LogLine: CustomStringConvertible {
    let process: pid_t
    let time: LogTime
    let level: LogLevel
    let message: String

    var description: String {
        "[\(process)] \(time) \(level.sign) \(message)\n"
    }
}

/// A local time of day, to the millisecond.
struct LogTime: CustomStringConvertible {
    var day: Int
    /// From 0, as the C library counts.
    var month: Int
    var hour: Int
    var minute: Int
    var second: Int
    var millisecond: Int

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    var description: String {
        let date = "\(padded(day, to: 2)) \(Self.months[month])"
        let clock = [hour, minute, second].map { padded($0, to: 2) }.joined(separator: ":")
        return "\(date) \(clock).\(padded(millisecond, to: 3))"
    }

    private func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension LogTime {
    /// The present time.
    static func now() -> LogTime {
        var clock = timespec()
        var fields = unsafe tm()
        unsafe clock_gettime(CLOCK_REALTIME, &clock)
        unsafe localtime_r(&clock.tv_sec, &fields)
        return unsafe LogTime(
            day: Int(fields.tm_mday), month: Int(fields.tm_mon), hour: Int(fields.tm_hour), minute: Int(fields.tm_min),
            second: Int(fields.tm_sec), millisecond: clock.tv_nsec / 1_000_000)
    }
}
