import CLinux
import Glibc

/// What the system says of this process and of itself, for INFO.
enum ProcessFigures {
    /// Seconds of processor time.
    struct ProcessorTime {
        let system: Double
        let user: Double
    }

    /// Time spent by this process, all threads together.
    static var ownTime: ProcessorTime { time(__rusage_who_t(RUSAGE_SELF.rawValue)) }
    /// Time spent by child processes that have ended.
    static var childrenTime: ProcessorTime { time(__rusage_who_t(RUSAGE_CHILDREN.rawValue)) }

    /// Bytes in physical memory; 0 if the system does not tell.
    static var residentMemory: Int {
        let descriptor = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 256)
        let count = unsafe text.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        // Pages: the whole program, then what is resident (proc(5)).
        let fields = text[..<max(0, count)].split(separator: UInt8(ascii: " "))
        guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The operating system with its release and the machine's architecture: `Linux 6.1.0 x86_64`.
    static var operatingSystem: String {
        var name = utsname()
        guard unsafe uname(&name) == 0 else { return "unknown" }
        return "\(text(name.sysname)) \(text(name.release)) \(text(name.machine))"
    }

    private static func time(_ who: __rusage_who_t) -> ProcessorTime {
        var usage = rusage()
        guard unsafe getrusage(who, &usage) == 0 else { return ProcessorTime(system: 0, user: 0) }
        return ProcessorTime(system: seconds(usage.ru_stime), user: seconds(usage.ru_utime))
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// The text in a field of fixed size, which ends at its first zero byte.
    private static func text<Field>(_ field: Field) -> String {
        unsafe withUnsafeBytes(of: field) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
