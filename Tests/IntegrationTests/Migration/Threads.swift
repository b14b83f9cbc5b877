import Foundation
import Synchronization

/// Something that runs in a thread of its own.
final class Running<Value: Sendable>: Sendable {
    private let outcome = Mutex<Result<Value, any Error>?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () throws -> Value) {
        Thread.detachNewThread { [self] in
            let result = Result { try body() }
            outcome.withLock { $0 = result }
            ended.signal()
        }
    }

    var isEnded: Bool { outcome.withLock { $0 != nil } }

    /// Waits for its end; what it returned, or the error it threw. To be asked once.
    func value() throws -> Value {
        ended.wait()
        guard let result = outcome.withLock({ $0 }) else { throw KitFailure("a thread ended without an outcome") }
        return try result.get()
    }
}

/// Runs `body` for each number below `count` at the same time, each in a thread of its own, and waits for all.
/// - Returns: what they returned, by number.
func concurrently<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> Value
) throws -> [Value] {
    let all = (0..<count).map { number in Running { try body(number) } }
    return try all.map { try $0.value() }
}
