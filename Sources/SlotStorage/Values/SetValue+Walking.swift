public import Memory

extension SetValue {
    /// Visits every member, without copying it: in ascending order for integers, in none for a table. The set must not
    /// change meanwhile. O(n).
    public func forEach(_ visit: (SetMember) -> Void) {
        if encoding == .integerSet {
            let integers = self.integers
            for index in 0..<integers.count { visit(SetMember(integers[index])) }
        } else {
            unsafe block.table.forEach { unsafe visit(SetMember(MemberWord($0))) }
        }
    }

    /// One step of a scan: visits some members and answers the next cursor; 0 starts and ends. Every member that is
    /// there all the time is visited, at least once, whatever comes and goes between the steps. A set of integers is
    /// visited in one step.
    public func scan(_ cursor: UInt64, _ visit: (SetMember) -> Void) -> UInt64 {
        if encoding == .table { return unsafe block.table.scan(cursor) { unsafe visit(SetMember(MemberWord($0))) } }
        forEach(visit)
        return 0
    }

    /// All members. O(n).
    public var members: [SetMember] {
        var members: [SetMember] = []
        members.reserveCapacity(count)
        forEach { members.append($0) }
        return members
    }

    /// Any member of a set that has some, each about as likely. O(1) expected.
    public func randomMember(_ random: inout SplitMix) -> SetMember {
        if encoding == .integerSet { return SetMember(integers[Int.random(in: 0..<integers.count, using: &random)]) }
        guard let address = unsafe block.table.randomElement(&random) else {
            preconditionFailure("a member of an empty set")
        }
        return unsafe SetMember(MemberWord(address))
    }
}
