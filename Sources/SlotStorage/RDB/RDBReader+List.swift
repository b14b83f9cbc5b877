internal import Memory

extension RDBReader {
    /// A list in one of the forms that RDB has for it. There must be an element. O(n).
    mutating func readList(_ type: RDBType, limits: EncodingLimits) throws(RDBError) -> Value {
        var list = ListValue.empty()
        do throws(RDBError) {
            switch type {
            case .listZiplist: try readCompact(into: &list, limits)
            case .listQuicklist: try readQuicklist(into: &list, limits)
            default: try readElements(into: &list, limits)
            }
            guard list.count > 0 else { throw .badCollection }
        } catch {
            list.free()
            throw error
        }
        return list.value
    }

    private mutating func readElements(into list: inout ListValue, _ limits: EncodingLimits) throws(RDBError) {
        let count = try readLength()
        if count > limits.listMaxZiplistEntries { list.becomeChunks() }
        for _ in 0..<count {
            let element = try readText()
            guard CompactList.canHold(element.bytes) else { throw .badCollection }
            list.push(element.bytes, to: .tail, limits)
        }
    }

    /// Redis looks at the number of elements only, not at their lengths.
    private mutating func readCompact(into list: inout ListValue, _ limits: EncodingLimits) throws(RDBError) {
        let text = try readText()
        guard CompactList.isValid(text.bytes) else { throw .badCollection }
        list.compact.free()
        list.compact = CompactList.make(copying: text.bytes)
        if list.count > limits.listMaxZiplistEntries { list.becomeChunks() }
    }

    /// Compact lists one behind the other, none of them empty.
    private mutating func readQuicklist(into list: inout ListValue, _ limits: EncodingLimits) throws(RDBError) {
        for _ in 0..<(try readLength()) {
            let text = try readText()
            guard CompactList.isValid(text.bytes) else { throw .badCollection }
            let part = CompactList.make(copying: text.bytes)
            defer { part.free() }
            guard !part.isEmpty else { throw .badCollection }
            part.forEach { list.push($0, to: .tail, limits) }
        }
    }
}
