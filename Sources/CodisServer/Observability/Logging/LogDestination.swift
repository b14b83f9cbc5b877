import Glibc

/// Where log lines go.
///
/// A file is opened, appended to and closed for each line, as Redis does it. That costs some microseconds for a line,
/// and lines are rare; in return a rotated or removed log file is simply created anew, with no signal to handle and no
/// descriptor to guard. Each line is one `write` in append mode, so lines of several threads never mix.
enum LogDestination: Equatable, Sendable {
    case standardOutput
    /// The path is absolute, so that a change of the working directory does not move the log.
    case file(path: String)

    /// What the directive `logfile` means: a path, relative to the directory, or standard output if it is empty.
    init(logfile: String, directory: String) {
        if logfile.isEmpty {
            self = .standardOutput
        } else {
            self = .file(path: logfile.hasPrefix("/") ? logfile : "\(directory)/\(logfile)")
        }
    }

    /// Writes a line, which brings its line end with it. A line that cannot be written is lost: there is no better
    /// place to complain, and the server shall go on.
    func write(_ line: String) {
        switch self {
        case .standardOutput:
            Self.write(line, to: STDOUT_FILENO)
        case .file(let path):
            let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { return }
            Self.write(line, to: descriptor)
            close(descriptor)
        }
    }

    private static func write(_ line: String, to descriptor: Int32) {
        var rest = Array(line.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}
