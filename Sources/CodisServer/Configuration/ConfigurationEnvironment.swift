import Glibc

/// What the world outside the configuration has to say while one is loaded or changed. Tests bring a world
/// of their own.
protocol ConfigurationEnvironment {
    /// The working directory, as an absolute path.
    func currentDirectory() throws(EnvironmentError) -> String

    /// Goes to that directory and returns its absolute path.
    func changeDirectory(to path: String) throws(EnvironmentError) -> String

    /// The bytes of a configuration file, or of standard input if there is no path.
    func contents(of path: String?) throws(EnvironmentError) -> [UInt8]

    /// Makes sure that a log file can be written, creating it if it is not there.
    func checkAppending(to path: String) throws(EnvironmentError)

    /// Whether the server has a command of that name, given in small letters; renames are not considered.
    func isCommand(_ name: [UInt8]) -> Bool
}

/// The system refused something.
struct EnvironmentError: Error {
    /// The system's words, such as `No such file or directory`.
    let reason: String

    init(_ code: Int32 = errno) {
        reason = unsafe String(cString: strerror(code))
    }

    init(reason: String) {
        self.reason = reason
    }
}

/// The real world: the file system, and the commands the server says it has.
struct SystemEnvironment: ConfigurationEnvironment {
    private let commandExists: ([UInt8]) -> Bool

    init(isCommand: @escaping ([UInt8]) -> Bool) {
        commandExists = isCommand
    }

    func currentDirectory() throws(EnvironmentError) -> String {
        guard let path = unsafe getcwd(nil, 0) else { throw EnvironmentError() }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    func changeDirectory(to path: String) throws(EnvironmentError) -> String {
        guard unsafe chdir(path) == 0 else { throw EnvironmentError() }
        return try currentDirectory()
    }

    func contents(of path: String?) throws(EnvironmentError) -> [UInt8] {
        guard let path else { return try Self.readAll(from: STDIN_FILENO) }
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EnvironmentError() }
        defer { close(descriptor) }
        return try Self.readAll(from: descriptor)
    }

    /// The bytes of a file; `nil` if there is none.
    func contentsIfPresent(of path: String) throws(EnvironmentError) -> [UInt8]? {
        if unsafe access(path, F_OK) != 0, errno == ENOENT { return nil }
        return try contents(of: path)
    }

    func checkAppending(to path: String) throws(EnvironmentError) {
        let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw EnvironmentError() }
        close(descriptor)
    }

    func isCommand(_ name: [UInt8]) -> Bool {
        commandExists(name)
    }

    private static func readAll(from descriptor: Int32) throws(EnvironmentError) -> [UInt8] {
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return contents }
            if count > 0 {
                contents += chunk[..<count]
            } else if errno != EINTR {
                throw EnvironmentError()
            }
        }
    }
}
