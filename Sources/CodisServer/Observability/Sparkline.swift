/// A curve drawn in text, with a label below each value, as Redis draws it for LATENCY GRAPH.
struct Sparkline {
    /// From the lowest to the highest within a row; what lies below is a `|`.
    private static let steps = Array("_o#".utf8)

    private var values: [(value: Double, label: [UInt8])] = []

    mutating func append(_ value: Int, label: String) { values.append((Double(value), Array(label.utf8))) }

    /// The curve, `rows` high, in lines of at most `columns`, with blocks of lines where it is longer.
    func drawn(columns: Int, rows: Int) -> String {
        var blocks: [String] = []
        for start in stride(from: 0, to: values.count, by: columns) {
            blocks.append(drawn(values[start..<min(start + columns, values.count)], rows: rows))
        }
        return blocks.joined(separator: "\n")
    }

    private func drawn(_ part: ArraySlice<(value: Double, label: [UInt8])>, rows: Int) -> String {
        var lines: [[UInt8]] = []
        for row in 0..<rows { lines.append(part.map { character(for: $0.value, row: row, of: rows) }) }
        // A line of blanks, then the labels from top to bottom.
        lines.append(part.map { _ in UInt8(ascii: " ") })
        for index in 0..<(part.map(\.label.count).max() ?? 0) {
            lines.append(part.map { index < $0.label.count ? $0.label[index] : UInt8(ascii: " ") })
        }
        return lines.map { String(decoding: $0, as: UTF8.self) + "\n" }.joined()
    }

    private func character(for value: Double, row: Int, of rows: Int) -> UInt8 {
        let lowest = values.map(\.value).min() ?? 0
        let range = (values.map(\.value).max() ?? 0) - lowest
        let stepCount = Self.steps.count * rows
        let step = min(stepCount - 1, Int((value - lowest) * Double(stepCount) / (range == 0 ? 1 : range)))
        let index = step - (rows - row - 1) * Self.steps.count
        if index >= Self.steps.count { return UInt8(ascii: "|") }
        return index >= 0 ? Self.steps[index] : UInt8(ascii: " ")
    }
}
