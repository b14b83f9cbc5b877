extension Entry {
    /// The type byte before the value.
    var rdbType: RDBType {
        switch type {
        case .string: .string
        case .hash: hash.rdbType
        case .set: set.rdbType
        case .list: list.rdbType
        case .sortedSet: sortedSet.rdbType
        }
    }
}
