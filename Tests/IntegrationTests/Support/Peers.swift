import Foundation

/// The real servers that ours is compared with. `make peers` installs them: under `.peers`, the last as a package of
/// the system.
enum Peer: String, CaseIterable, Sendable {
    case redis2_8 = "redis-2.8.17"
    case redis3_2 = "redis-3.2.6"
    case redis7_0 = "redis-7.0.15"

    /// What it has to be told to behave in tests as the older ones do.
    var arguments: [String] {
        guard self == .redis7_0 else { return [] }
        return ["--enable-debug-command", "yes", "--repl-diskless-sync", "no", "--repl-diskless-sync-delay", "0"]
    }

    /// The path of its `redis-server`; throws if it is not installed.
    func executable() throws -> String {
        if self == .redis7_0 { return try Package.program("redis-server") }
        let path = Package.root.appendingPathComponent(".peers/\(rawValue)/redis-server").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw KitFailure("\(rawValue) is missing: there is no program at \(path). Run `make peers` first.")
        }
        return path
    }
}

/// Where things lie in the package.
enum Package {
    /// The folder of `Package.swift`: this file is `Tests/IntegrationTests/Support/Peers.swift` below it.
    static let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }

    /// The recordings.
    static let recordings = root.appendingPathComponent("Tests/Golden")

    /// The server under test: the environment's `CODIS_SERVER`, or else a release or debug build of this package.
    static func serverExecutable() throws -> String {
        let built = [".build/release/codis-server", ".build/debug/codis-server"]
        let paths = environment("CODIS_SERVER").map { [$0] } ?? built.map { root.appendingPathComponent($0).path }
        guard let path = paths.first(where: FileManager.default.isExecutableFile(atPath:)) else {
            throw KitFailure("no server to test: there is no program at \(paths.joined(separator: " or "))")
        }
        return path
    }

    /// The path of a program of the system.
    static func program(_ name: String) throws -> String {
        let folders = (environment("PATH") ?? "").split(separator: ":") + ["/usr/bin", "/usr/local/bin"]
        let paths = folders.map { "\($0)/\(name)" }
        guard let path = paths.first(where: FileManager.default.isExecutableFile(atPath:)) else {
            throw KitFailure("\(name) is missing. Run `make peers` first.")
        }
        return path
    }

    /// The seed of a random test: the same in every run, so that a change alone can make it fail. A variable of the
    /// environment has another one, or says `random`.
    static func seed(_ variable: String) -> UInt64 {
        guard let value = environment(variable) else { return 20_261_122 }
        return UInt64(value) ?? UInt64.random(in: 1...999_999_999)
    }

    /// A variable of the environment; nil if it is unset or empty.
    static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Something the tests need is missing or does not work.
struct KitFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
