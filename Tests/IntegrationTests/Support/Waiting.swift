import Foundation
import Testing

/// Waits until something holds, and records a failure if it does not within `limit`.
func waitUntil(
    within limit: Duration = .seconds(5), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
) throws {
    let deadline = ContinuousClock.now + limit
    while try !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("what was waited for did not happen within \(limit)", sourceLocation: sourceLocation)
            return
        }
        usleep(2_000)
    }
}
