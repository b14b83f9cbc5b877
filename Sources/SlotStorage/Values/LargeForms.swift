internal import Memory

// Values in their large form from the beginning, for those that arrive piece by piece and are known to get large. As
// all empty values they must not stay in a database: the caller adds what comes, or frees them.

extension ListValue {
    /// An empty list, as chunks.
    public static func emptyChunks() -> ListValue {
        ListValue(encoding: .chunks, payload: ChunkedList.make().payload)
    }
}

extension HashValue {
    /// A hash without fields, as a table.
    public static func emptyTable() -> HashValue {
        HashValue(encoding: .table, payload: TableBlock<FieldRecord>.make().payload)
    }
}

extension SetValue {
    /// A set without members, as a table.
    public static func emptyTable() -> SetValue {
        SetValue(encoding: .table, payload: TableBlock<MemberWord>.make().payload)
    }
}

extension SortedSetValue {
    /// A sorted set without members, as a tree.
    public static func emptyTree() -> SortedSetValue { SortedSetValue(MemberTree()) }
}
