import Foundation

/// What a server tells about itself.
extension ServerProcess {
    /// A field of INFO; `nil` where there is none of this name.
    func information(_ field: String) throws -> String? {
        let text = try connect(timeout: .seconds(60)).call("INFO", "all").bytes?.latin1 ?? ""
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(field):") }
        return line.map { String($0.dropFirst(field.count + 1)) }
    }

    /// A field of INFO that is a number.
    func info(_ field: String) throws -> Int {
        guard let number = try information(field).flatMap({ Int($0) }) else {
            throw KitFailure("INFO has no number \(field)")
        }
        return number
    }

    /// What DEBUG DIGEST says of the data set.
    func digest() throws -> String { try connect(timeout: .seconds(60)).call("DEBUG", "DIGEST").text }

    /// Waits until a field of INFO is as `isExpected` says.
    func wait(for field: String, within limit: Duration = .seconds(60), _ isExpected: (String) -> Bool) throws {
        let deadline = ContinuousClock.now + limit
        while true {
            guard let value = try information(field) else { throw KitFailure("INFO has no field \(field)") }
            if isExpected(value) { return }
            guard ContinuousClock.now < deadline else {
                throw KitFailure("\(field) is still \(value) after \(limit):\n\(log)")
            }
            usleep(10_000)
        }
    }

    /// Waits until a field of INFO has a value.
    func wait(for field: String, _ value: String, within limit: Duration = .seconds(60)) throws {
        try wait(for: field, within: limit) { $0 == value }
    }
}
