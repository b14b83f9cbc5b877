internal import Memory

/// Intersection, union and difference. Results are views of members, or new sets that belong to the caller.
extension SetValue {
    /// Visits the members that all sets have; there must be a set. O(members of the smallest × sets).
    public static func forEachCommonMember(of sets: [SetValue], _ visit: (SetMember) -> Void) {
        let ascending = sets.sorted { $0.count < $1.count }
        ascending[0].forEach { member in
            for index in 1..<ascending.count where !ascending[index].contains(member) { return }
            visit(member)
        }
    }

    /// A new set of the members that any of the sets has. O(members of all sets).
    public static func union(_ sets: [SetValue], _ limits: EncodingLimits) -> SetValue {
        var result = SetValue.empty()
        for set in sets { set.forEach { result.insert($0, limits) } }
        return result
    }

    /// A new set of this set's members that none of `others` has.
    ///
    /// Either each member is looked for in the others, or the others' members are removed from a copy: O(members ×
    /// sets) or O(members of all sets), whichever is less.
    public func subtracting(_ others: [SetValue], _ limits: EncodingLimits) -> SetValue {
        var result = SetValue.empty()
        let membersOfAll = others.reduce(count) { $0 + $1.count }
        // Looking costs less than removing, and ends with the first set that has the member: half the price, as in
        // Redis.
        if count * (others.count + 1) / 2 <= membersOfAll {
            let descending = others.sorted { $0.count > $1.count }
            forEach { member in
                if !descending.contains(where: { $0.contains(member) }) { result.insert(member, limits) }
            }
        } else {
            forEach { result.insert($0, limits) }
            for other in others where result.count > 0 { other.forEach { result.remove($0) } }
        }
        return result
    }
}
