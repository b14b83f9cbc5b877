extension Connection {
    /// Runs one command for each number of `numbers`, a thousand in one write, and checks every reply.
    public func load(_ numbers: Range<Int>, command: (Int) -> [String]) throws {
        var batch = CommandBuffer()
        for number in numbers {
            batch.append(command(number))
            if batch.count == 1000 {
                try pipeline(batch)
                batch.removeAll()
            }
        }
        try pipeline(batch)
    }

    /// The fields of INFO, of all sections.
    public func info() throws -> [String: String] {
        guard let text = try call("INFO").text else { throw ServerFailure("INFO gave no text") }
        var fields: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
        }
        return fields
    }
}
