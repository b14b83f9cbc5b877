internal import Memory

/// A walk over the members of a collection in as many steps as one likes: what writes or sends a large value bit by
/// bit.
///
///     var cursor = MemberCursor(of: entry)
///     while thereIsTime, let member = cursor.next() { ... }
///
/// Lists come in order; sorted sets from the highest score to the lowest, so that who inserts them one by one finds each
/// place at the front; compact hashes in their order, sets of integers ascending, tables in none. A step is O(1).
///
/// It is valid as long as the value does not change: who keeps one over a turn of the event loop pins the key.
@safe
public struct MemberCursor: BitwiseCopyable {
    private enum Place: BitwiseCopyable {
        case end
        case element(CompactList, CompactList.Position)
        case chunk(ListChunk, CompactList.Position)
        case compactField(CompactList, CompactList.Position)
        case field(TableBlock<FieldRecord>, bucket: Int, ordinal: Int)
        case integer(IntegerSet, Int)
        case member(TableBlock<MemberWord>, bucket: Int, ordinal: Int)
        case compactScored(CompactSortedSet, CompactList.Position)
        case scored(TreeNode, Int)
    }

    private var place: Place

    /// A cursor before the first member; the entry must not hold a string.
    public init(of entry: Entry) {
        switch entry.type {
        case .string: preconditionFailure("a string has no members")
        case .list: place = Self.start(entry.list)
        case .hash: place = Self.start(entry.hash)
        case .set: place = Self.start(entry.set)
        case .sortedSet: place = Self.start(entry.sortedSet)
        }
    }

    /// The next member; `nil` behind the last.
    public mutating func next() -> ValueMember? {
        switch place {
        case .end:
            return nil
        case .element(let list, let position):
            place = list.next(after: position).map { .element(list, $0) } ?? .end
            return .element(ListElement(list, position))
        case .chunk(let chunk, let position):
            let list = chunk.list
            if let next = list.next(after: position) {
                place = .chunk(chunk, next)
            } else {
                place = chunk.next.map { .chunk($0, CompactList.headerSize) } ?? .end
            }
            return .element(ListElement(list, position))
        case .compactField(let list, let position):
            guard let value = list.next(after: position) else { preconditionFailure("a field without a value") }
            place = list.next(after: value).map { .compactField(list, $0) } ?? .end
            return .field(HashField(list, position))
        case .integer(let integers, let index):
            place = index + 1 < integers.count ? .integer(integers, index + 1) : .end
            return .member(SetMember(integers[index]))
        case .compactScored(let compact, let position):
            place = compact.previous(before: position).map { .compactScored(compact, $0) } ?? .end
            return .scored(SortedSetMember(compact, at: position))
        case .scored(let leaf, let index):
            if index > 0 {
                place = .scored(leaf, index - 1)
            } else {
                place = leaf.previous.map { .scored($0, $0.count - 1) } ?? .end
            }
            return .scored(SortedSetMember(leaf.member(index)))
        case .field(let block, let bucket, let ordinal):
            return nextField(block, bucket, ordinal)
        case .member(let block, let bucket, let ordinal):
            return nextMember(block, bucket, ordinal)
        }
    }

    private mutating func nextField(_ block: TableBlock<FieldRecord>, _ start: Int, _ ordinal: Int) -> ValueMember? {
        var (bucket, ordinal) = (start, ordinal)
        while bucket < block.table.bucketCount {
            if let address = unsafe block.table.element(ordinal, inBucket: bucket) {
                place = .field(block, bucket: bucket, ordinal: ordinal + 1)
                return unsafe .field(HashField(FieldRecord(address)))
            }
            (bucket, ordinal) = (bucket + 1, 0)
        }
        place = .end
        return nil
    }

    private mutating func nextMember(_ block: TableBlock<MemberWord>, _ start: Int, _ ordinal: Int) -> ValueMember? {
        var (bucket, ordinal) = (start, ordinal)
        while bucket < block.table.bucketCount {
            if let address = unsafe block.table.element(ordinal, inBucket: bucket) {
                place = .member(block, bucket: bucket, ordinal: ordinal + 1)
                return unsafe .member(SetMember(MemberWord(address)))
            }
            (bucket, ordinal) = (bucket + 1, 0)
        }
        place = .end
        return nil
    }

    private static func start(_ list: ListValue) -> Place {
        if list.isCompact { return list.compact.first.map { .element(list.compact, $0) } ?? .end }
        return list.chunks.first.map { .chunk($0, CompactList.headerSize) } ?? .end
    }

    private static func start(_ hash: HashValue) -> Place {
        if hash.encoding == .compactList { return hash.list.first.map { .compactField(hash.list, $0) } ?? .end }
        return .field(hash.block, bucket: 0, ordinal: 0)
    }

    private static func start(_ set: SetValue) -> Place {
        if set.encoding == .integerSet { return set.integers.count > 0 ? .integer(set.integers, 0) : .end }
        return .member(set.block, bucket: 0, ordinal: 0)
    }

    private static func start(_ set: SortedSetValue) -> Place {
        guard !set.isCompact else {
            let compact = set.compact
            return compact.list.last.flatMap { compact.list.previous(before: $0) }
                .map { .compactScored(compact, $0) } ?? .end
        }
        guard let root = set.tree.tree.root else { return .end }
        let leaf = SortedTree.lastLeaf(of: root)
        return leaf.count > 0 ? .scored(leaf, leaf.count - 1) : .end
    }
}

/// A member of a collection: views that are valid until the value changes.
public enum ValueMember: BitwiseCopyable {
    case element(ListElement)
    case field(HashField)
    case member(SetMember)
    case scored(SortedSetMember)
}

/// An element of a list: a view that is valid until the list changes.
public struct ListElement: BitwiseCopyable {
    private let list: CompactList
    private let position: CompactList.Position

    init(_ list: CompactList, _ position: CompactList.Position) {
        self.list = list
        self.position = position
    }

    /// Lets `body` see the element's bytes.
    public func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result { list.withBytes(at: position, body) }
}
