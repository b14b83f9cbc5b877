import CLinux
import Glibc

/// The process in the background: `daemonize`.
enum Daemon {
    /// Leaves the terminal: the caller's process ends, and its child goes on in a session of its own, with nothing at
    /// standard input, output and error, in the same directory. Must come before any thread is started.
    static func enter() throws(SystemError) {
        guard daemon(1, 0) == 0 else { throw SystemError(errno) }
    }
}

/// The file with the number of the process: `pidfile`.
struct PIDFile {
    let path: String

    /// Writes the file anew.
    func write() throws(SystemError) {
        let descriptor = try retryingInterrupts {
            unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        }
        defer { close(descriptor) }
        let line = Array("\(getpid())\n".utf8)
        let count = unsafe line.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count != line.count { throw SystemError(count < 0 ? errno : ENOSPC) }
    }

    func remove() { unsafe unlink(path) }
}
