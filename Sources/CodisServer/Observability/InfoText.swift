/// The text of INFO while it is written: sections with headings, lines of `name:value`.
struct InfoText {
    private(set) var text = ""

    mutating func begin(_ title: StaticString) {
        if !text.isEmpty { text += "\r\n" }
        text += "# \(title)\r\n"
    }

    mutating func field(_ name: String, _ value: Int) { field(name, String(value)) }

    mutating func field(_ name: String, _ value: String) { text += "\(name):\(value)\r\n" }

    /// A field with two decimals.
    mutating func field(_ name: String, _ value: Double) { field(name, Self.twoDecimals(value)) }

    /// A number of bytes, and the same with a unit under the name `name_human`.
    mutating func bytes(_ name: String, _ value: Int) {
        field(name, value)
        field("\(name)_human", Self.human(value))
    }

    /// A value from 0 up as C's `%.2f` prints it.
    static func twoDecimals(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded(.toNearestOrEven))
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }

    /// Bytes as people read them: `512B`, `856.84K`, `1.00G`.
    static func human(_ bytes: Int) -> String {
        if bytes < 1 << 10 { return "\(bytes)B" }
        if bytes < 1 << 20 { return twoDecimals(Double(bytes) / Double(1 << 10)) + "K" }
        if bytes < 1 << 30 { return twoDecimals(Double(bytes) / Double(1 << 20)) + "M" }
        return twoDecimals(Double(bytes) / Double(1 << 30)) + "G"
    }
}
