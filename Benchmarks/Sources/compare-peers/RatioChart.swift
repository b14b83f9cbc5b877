/// A bar chart of the ratios to the best peer as a picture in SVG, for light and dark surroundings.
///
/// A thin line marks equality with the best peer, a short one across a bar its goal.
struct RatioChart {
    let rows: [Row]

    private static let width = 760.0
    private static let labelWidth = 170.0
    private static let valueWidth = 70.0
    private static let rowHeight = 22.0
    private static let barHeight = 12.0

    func svg() -> String {
        var body = ""
        var y = 14.0
        for measure in Measure.allCases {
            let rows = rows.filter { $0.measure == measure && $0.ratio != nil }
            guard !rows.isEmpty else { continue }
            body += group(measure, rows, top: y)
            y += Self.height(rows.count)
        }
        let legend = """
            <text class="soft" x="8" y="\(number(y))">Short strokes are goals: a bar is green where its goal is met, \
            red where it is missed, grey where there is none.</text>

            """
        let height = number(y + 14)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" \
            viewBox="0 0 \(number(Self.width)) \(height)" width="\(number(Self.width))" height="\(height)" \
            role="img" aria-label="Ratios to the best peer">
            <style>
            text { font: 12px system-ui, sans-serif }
            .title { font-weight: 600; font-size: 13px }
            .end { text-anchor: end }
            .equal { stroke-dasharray: 3 3 }
            .goal { stroke-width: 2 }
            text { fill: #1f2328 } .soft { fill: #59636e } .equal { stroke: #8c959f } .goal { stroke: #1f2328 }
            .met { fill: #1a7f5a } .missed { fill: #c4432b } .plain { fill: #8c959f }
            @media (prefers-color-scheme: dark) {
            text { fill: #e6edf3 } .soft { fill: #9198a1 } .equal { stroke: #656c76 } .goal { stroke: #e6edf3 }
            .met { fill: #3fb68b } .missed { fill: #f0725c } .plain { fill: #7d8590 }
            }
            </style>
            \(body)\(legend)</svg>

            """
    }

    private static func height(_ count: Int) -> Double { 52 + Double(count) * rowHeight }

    private func group(_ measure: Measure, _ rows: [Row], top: Double) -> String {
        let largest = rows.flatMap { [$0.ratio ?? 1, $0.goalRatio ?? 1, 1] }.max() ?? 1
        let scale = (Self.width - Self.labelWidth - Self.valueWidth) / largest
        let equal = Self.labelWidth + scale
        let first = top + 24
        let bottom = first + Double(rows.count) * Self.rowHeight
        let better = measure.higherIsBetter ? "longer is better" : "shorter is better"

        var svg = """
            <text class="title" x="8" y="\(number(top + 6))">\(escaped(measure.title))</text>
            <text class="soft end" x="\(number(Self.width - 8))" y="\(number(top + 6))">\(better)</text>

            """
        for (index, row) in rows.enumerated() {
            svg += bar(row, top: first + Double(index) * Self.rowHeight, scale: scale)
        }
        svg += """
            <line class="equal" x1="\(number(equal))" x2="\(number(equal))" y1="\(number(first - 4))" \
            y2="\(number(bottom))"/>
            <text class="soft" x="\(number(equal + 4))" y="\(number(bottom + 8))">best peer</text>

            """
        return svg
    }

    private func bar(_ row: Row, top: Double, scale: Double) -> String {
        let ratio = row.ratio ?? 0
        let kind = row.goalRatio == nil ? "plain" : row.isMet == true ? "met" : "missed"
        let baseline = number(top + Self.barHeight - 2)
        var svg = """
            <text class="end" x="\(number(Self.labelWidth - 8))" y="\(baseline)">\(escaped(row.subject))</text>
            <rect class="\(kind)" x="\(number(Self.labelWidth))" y="\(number(top))" width="\(number(ratio * scale))" \
            height="\(number(Self.barHeight))" rx="2"/>

            """
        if let goal = row.goalRatio {
            let x = Self.labelWidth + goal * scale
            svg += """
                <line class="goal" x1="\(number(x))" x2="\(number(x))" y1="\(number(top - 2))" \
                y2="\(number(top + Self.barHeight + 2))"/>

                """
        }
        let value = grouped(ratio, fractionDigits: 2)
        return svg + "<text class=\"end\" x=\"\(number(Self.width - 8))\" y=\"\(baseline)\">\(value) ×</text>\n"
    }

    private func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    }
}

extension Row {
    /// The goal as a ratio to the best peer; an absolute goal is put into that scale.
    var goalRatio: Double? {
        switch goal {
        case .ratioAtLeast(let bound), .ratioAtMost(let bound): bound
        case .atLeast(let bound), .atMost(let bound): ratio.map { bound * $0 / ours.median }
        case nil: nil
        }
    }
}
