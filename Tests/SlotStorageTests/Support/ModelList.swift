import Memory

@testable import SlotStorage
import TestSupport

/// A list and what it should hold.
struct ModelList {
    var list = ListValue.empty()
    var model: [[UInt8]] = []
    var limits: EncodingLimits
    /// Whether Redis would have left the compact encoding.
    private(set) var isLong = false

    init(_ elements: [[UInt8]] = [], limits: EncodingLimits = EncodingLimits()) {
        self.limits = limits
        for element in elements { push(element, .tail) }
    }

    private mutating func noteLength(of element: [UInt8]) {
        if element.count > limits.listMaxZiplistValue, Int64(canonical: element.raw) == nil { isLong = true }
    }

    mutating func push(_ element: [UInt8], _ end: ListEnd) {
        noteLength(of: element)
        if model.count >= limits.listMaxZiplistEntries { isLong = true }
        list.push(element.raw, to: end, limits)
        model.insert(element, at: end == .head ? 0 : model.count)
    }

    /// `false` when another element came out.
    mutating func pop(_ end: ListEnd) -> Bool {
        var popped: [UInt8]?
        list.pop(from: end) { popped = $0.array }
        return popped == (end == .head ? model.removeFirst() : model.removeLast())
    }

    mutating func set(_ index: Int, _ element: [UInt8]) -> Bool {
        noteLength(of: element)
        let place = index < 0 ? index + model.count : index
        let exists = model.indices.contains(place)
        if exists { model[place] = element }
        return list.set(at: index, to: element.raw, limits) == exists
    }

    mutating func insert(_ element: [UInt8], _ side: ListValue.Side, pivot: [UInt8]) -> Bool {
        noteLength(of: element)
        let place = model.firstIndex(of: pivot)
        if let place {
            model.insert(element, at: side == .before ? place : place + 1)
            if model.count > limits.listMaxZiplistEntries { isLong = true }
        }
        return list.insert(element.raw, side, pivot: pivot.raw, limits) == (place != nil)
    }

    mutating func remove(_ element: [UInt8], limit: Int, _ end: ListEnd) -> Bool {
        var indices = model.indices.filter { model[$0] == element }
        indices = Array(end == .head ? indices.prefix(limit) : indices.suffix(limit))
        for index in indices.reversed() { model.remove(at: index) }
        return list.remove(element.raw, limit: limit, from: end) == indices.count
    }

    mutating func trim(_ range: Range<Int>) {
        list.trim(to: range)
        model = Array(model[range])
    }

    func free() { list.free() }

    // MARK: Looking for what is wrong

    var complaint: String? {
        if list.count != model.count { return "\(list.count) elements, not \(model.count)" }
        if (list.encoding == .chunks) != isLong { return "is \(list.encoding)" }
        if let complaint = list.structureComplaint { return complaint }
        var elements: [[UInt8]] = []
        list.forEach { elements.append($0.array) }
        return elements == model ? nil : "other elements"
    }

    /// As `complaint`, with a look at each index.
    var thoroughComplaint: String? {
        if let complaint { return complaint }
        for index in model.indices {
            for index in [index, index - model.count] {
                var element: [UInt8]?
                let found = list.withElement(at: index) { element = $0.array }
                if !found || element != model[index < 0 ? index + model.count : index] { return "another at \(index)" }
            }
        }
        if list.withElement(at: model.count, { _ in }) || list.withElement(at: -model.count - 1, { _ in }) {
            return "an element outside"
        }
        return nil
    }

    func complaint(about range: Range<Int>) -> String? {
        var elements: [[UInt8]] = []
        list.forEach(in: range) { elements.append($0.array) }
        if elements != Array(model[range]) { return "forward \(range)" }
        elements = []
        list.forEachReversed(in: range) { elements.append($0.array) }
        return elements == Array(model[range].reversed()) ? nil : "backward \(range)"
    }
}

extension ListValue {
    /// What is wrong with the chain of chunks or with a compact list, if anything is.
    var structureComplaint: String? {
        if isCompact { return CompactList.isValid(compact.bytes) ? nil : "broken" }
        var (elements, chunkCount, previous) = (0, 0, UInt64(0))
        var next = chunks.first
        while let chunk = next {
            if !CompactList.isValid(chunk.list.bytes) { return "chunk \(chunkCount) is broken" }
            if chunk.count != chunk.list.count || chunk.count == 0 {
                return "chunk \(chunkCount) counts \(chunk.count)"
            }
            if (chunk.previous?.address ?? 0) != previous { return "chunk \(chunkCount) has another before it" }
            // Links that grow may take a chunk somewhat over its limit.
            if chunk.fill > ListChunk.byteLimit + 256, chunk.count > 1 { return "chunk \(chunkCount) is too full" }
            previous = chunk.address
            elements += chunk.count
            chunkCount += 1
            next = chunk.next
        }
        if (chunks.last?.address ?? 0) != previous { return "another last chunk" }
        if chunkCount != chunks.chunkCount { return "\(chunks.chunkCount) chunks, not \(chunkCount)" }
        return elements == count ? nil : "\(count) elements, not \(elements)"
    }
}
