import Foundation
import LiveServer

/// `redis-benchmark` writing at full speed to random keys, until it is ended.
final class WriteLoad {
    private let process = Process()

    init(port: UInt16, keys: Int) throws {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["redis-benchmark", "-p", "\(port)", "-c", "1", "-P", "16", "-n", "2000000000", "-r", "\(keys)"]
            + ["-d", "32", "-t", "set", "-q"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit { stop() }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }
}
