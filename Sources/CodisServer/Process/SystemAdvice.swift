import Glibc

/// Settings of the system that the server would run better without, each as a sentence for the log.
enum SystemAdvice {
    /// - Parameter read: the text of a file, `nil` where it is not there.
    static func warnings(tcpBacklog: Int, read: (String) -> String?) -> [String] {
        var warnings: [String] = []
        if let limit = read("/proc/sys/net/core/somaxconn").flatMap({ Int(trimmed($0)) }), limit < tcpBacklog {
            warnings.append(
                "WARNING: The TCP backlog setting of \(tcpBacklog) cannot be enforced because "
                    + "/proc/sys/net/core/somaxconn is set to the lower value of \(limit).")
        }
        if read("/proc/sys/vm/overcommit_memory").map(trimmed) == "2" {
            warnings.append(
                "WARNING overcommit_memory is set to 2! The system refuses memory that could be had, and the server "
                    + "would end. To fix this issue run 'sysctl vm.overcommit_memory=1'.")
        }
        if read("/sys/kernel/mm/transparent_hugepage/enabled")?.contains("[always]") == true {
            warnings.append(
                "WARNING you have Transparent Huge Pages (THP) support enabled in your kernel. This will create latency "
                    + "and memory usage issues. To fix this issue run the command "
                    + "'echo madvise > /sys/kernel/mm/transparent_hugepage/enabled' as root.")
        }
        return warnings
    }

    /// The beginning of a small file, such as the kernel's.
    static func text(of path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }

    private static func trimmed(_ text: String) -> String { String(text.filter { !$0.isWhitespace }) }
}
