import Foundation
import LiveServer

/// A server program that takes part in the comparison.
struct Contestant {
    /// As it stands in the tables: `codis-server`, `redis-7.0.15`.
    let name: String
    let executable: URL

    /// Ours first, then every peer that is installed, newest first.
    ///
    /// Peers are the `redis-server` on PATH and `redis-VERSION/redis-server` in the folder of peers.
    static func all(ours: URL, peers folder: URL) throws -> [Contestant] {
        guard FileManager.default.isExecutableFile(atPath: ours.path) else {
            throw ServerFailure("no server at \(ours.path): build it with `swift build -c release`, or give --server")
        }
        var peers: [Contestant] = []
        if let redis = onPath("redis-server") {
            peers.append(Contestant(name: "redis-\(try version(of: redis))", executable: redis))
        }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] {
            let executable = folder.appending(path: "\(name)/redis-server")
            if name.hasPrefix("redis-"), FileManager.default.isExecutableFile(atPath: executable.path) {
                peers.append(Contestant(name: name, executable: executable))
            }
        }
        peers.sort { $0.name.compare($1.name, options: .numeric) == .orderedDescending }
        return [Contestant(name: ours.lastPathComponent, executable: ours)] + peers
    }

    /// The program of that name in the folders of PATH.
    static func onPath(_ name: String) -> URL? {
        let folders = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":")
        return folders.lazy.map { URL(filePath: "\($0)/\(name)") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    private static func version(of executable: URL) throws -> String {
        let server = try ServerProcess(executable: executable)
        defer { server.stop() }
        return try server.connect().info()["redis_version"] ?? "unknown"
    }
}
