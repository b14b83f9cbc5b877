internal import Memory

/// What values take in memory.
extension Value {
    /// Bytes that freeing the value gives back, about: of a large collection some dozen elements are looked at. O(1).
    var estimatedSize: Int {
        switch encoding {
        case .inline, .integer: 0
        case .block: Heap.usableSize(for: block?.capacity ?? 0)
        case .compactList: CompactList(payload: payload).byteCount
        case .integerSet: IntegerSet(payload: payload).bytes.byteCount
        case .chunks: ChunkedList(payload: payload).estimatedSize
        case .tree: SortedSetValue(self).tree.estimatedSize
        case .table:
            type == .hash
                ? unsafe HashValue(self).block.table.estimatedSize { unsafe FieldRecord($0).allocatedSize }
                : unsafe SetValue(self).block.table.estimatedSize { unsafe MemberWord($0).allocatedSize }
        }
    }
}

extension Entry {
    /// Bytes that a key takes with its value and its place in the table, about. O(1).
    var estimatedSize: Int {
        Heap.usableSize(for: allocatedSize) + (movableValue?.estimatedSize ?? 0) + BucketTable<Entry>.bytesOfPlace
    }
}

extension BucketTable {
    /// Bytes of the table with its elements, about, where `size` tells what an element takes.
    func estimatedSize(_ size: (Address) -> Int) -> Int {
        var seen = 0
        var bytes = 0
        var index = 0
        while seen < Self.elementsLookedAt, index < Int(bucketCount) {
            unsafe forEach(inBucket: index, onlyMarked: false) { address in
                seen += 1
                unsafe bytes += size(address)
            }
            index += 1
        }
        return count * Self.bytesOfPlace + (seen > 0 ? count * bytes / seen : 0)
    }

    private static var elementsLookedAt: Int { 32 }
    /// Of an element's place in the table, see there.
    static var bytesOfPlace: Int { 14 }
}

extension MemberTree {
    fileprivate var estimatedSize: Int {
        unsafe index.estimatedSize { unsafe ScoredMember($0).allocatedSize } + count * Self.bytesInTree
    }

    /// Of a member's place in the ordered tree, see `SortedTree`.
    private static var bytesInTree: Int { 23 }
}

extension ChunkedList {
    fileprivate var estimatedSize: Int {
        guard let first, let last, count > 0 else { return 0 }
        // The chunks at both ends may be any size, those between them are alike.
        let sample = first.next ?? last
        return chunkCount * Heap.usableSize(for: sample.list.byteCount)
    }
}
