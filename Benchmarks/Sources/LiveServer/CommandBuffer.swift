/// Commands in the protocol's request form, one after the other, ready to be sent in one write.
public struct CommandBuffer {
    public private(set) var bytes: [UInt8] = []
    /// How many commands there are, and so how many replies to expect.
    public private(set) var count = 0

    public init() {}

    public mutating func append(_ arguments: String...) {
        append(arguments)
    }

    public mutating func append(_ arguments: [String]) {
        bytes.append(contentsOf: "*\(arguments.count)\r\n".utf8)
        for argument in arguments {
            bytes.append(contentsOf: "$\(argument.utf8.count)\r\n".utf8)
            bytes.append(contentsOf: argument.utf8)
            bytes.append(contentsOf: "\r\n".utf8)
        }
        count += 1
    }

    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        count = 0
    }
}
