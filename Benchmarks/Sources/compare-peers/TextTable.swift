/// Columns of text: the first stands left, the others right.
struct TextTable {
    var header: [String]
    var rows: [[String]] = []

    func text() -> String {
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([header, widths.map { String(repeating: "-", count: $0) }] + rows).map { cells in
            let padded = cells.indices.map { column in
                let blank = String(repeating: " ", count: widths[column] - cells[column].count)
                return column == 0 ? cells[column] + blank : blank + cells[column]
            }
            return padded.joined(separator: "  ") + "\n"
        }.joined()
    }
}
