import Dispatch
import Foundation
import Synchronization

/// The processes, each with its folder, that this program must not leave behind.
public enum RunningProcesses {
    private static let folders = Mutex<[pid_t: URL]>([:])

    static func add(_ identifier: pid_t, folder: URL) {
        folders.withLock { $0[identifier] = folder }
    }

    /// Whether the process was still listed.
    static func remove(_ identifier: pid_t) -> Bool {
        folders.withLock { $0.removeValue(forKey: identifier) != nil }
    }

    /// From now on an interrupt or a termination request kills the listed processes and removes their folders first.
    ///
    /// Foundation starts each process in a group of its own, so the terminal's interrupt does not reach them.
    public static func killAllWhenInterrupted() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)  // the source below takes its place
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                for (identifier, folder) in folders.withLock({ $0 }) {
                    kill(identifier, SIGKILL)
                    try? FileManager.default.removeItem(at: folder)
                }
                withExtendedLifetime(source) { exit(128 + number) }  // naming it here keeps the source alive
            }
            source.resume()
        }
    }
}
