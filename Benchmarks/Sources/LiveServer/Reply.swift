/// A reply in the protocol's second version.
public enum Reply: Equatable, Sendable {
    case status(String)
    case error(String)
    case integer(Int)
    case bulk(String?)
    case array([Reply]?)

    public var integer: Int? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The text of a bulk reply.
    public var text: String? {
        if case .bulk(let value) = self { value } else { nil }
    }

    public var elements: [Reply]? {
        if case .array(let value) = self { value } else { nil }
    }
}
