@testable import CodisServer

/// A world in memory: some files, some directories, two commands.
final class MemoryEnvironment: ConfigurationEnvironment {
    var files: [String: String]
    var standardInput = ""
    private(set) var directory = "/start"
    private let directories = ["/data"]
    private let commands = ["config", "get"]

    init(files: [String: String] = [:]) {
        self.files = files
    }

    func currentDirectory() throws(EnvironmentError) -> String {
        directory
    }

    func changeDirectory(to path: String) throws(EnvironmentError) -> String {
        guard path == "." || directories.contains(path) else {
            throw EnvironmentError(reason: "No such file or directory")
        }
        if path != "." { directory = path }
        return directory
    }

    func contents(of path: String?) throws(EnvironmentError) -> [UInt8] {
        guard let path else { return Array(standardInput.utf8) }
        guard let text = files[path] else { throw EnvironmentError(reason: "No such file or directory") }
        return Array(text.utf8)
    }

    func checkAppending(to path: String) throws(EnvironmentError) {
        guard !path.hasPrefix("/readonly/") else { throw EnvironmentError(reason: "Permission denied") }
    }

    func isCommand(_ name: [UInt8]) -> Bool {
        commands.contains(String(decoding: name, as: UTF8.self))
    }
}

extension Configuration {
    /// The defaults, with some lines loaded on top.
    init(lines: String, in environment: MemoryEnvironment = MemoryEnvironment()) throws(ConfigurationFileError) {
        self.init()
        try load(Array(lines.utf8), environment: environment)
    }

    /// What `CONFIG GET` replies for one name; `nil` if it shows nothing.
    func text(of name: String) -> String? {
        get { $0 == name }.first.map { String(decoding: $0.value, as: UTF8.self) }
    }
}
