/// `notify-keyspace-events`: which events are published, and on which of the two kinds of channels.
struct KeyspaceEventClasses: OptionSet, Sendable {
    let rawValue: UInt16

    static let generic = Self(rawValue: 1 << 0)
    static let string = Self(rawValue: 1 << 1)
    static let list = Self(rawValue: 1 << 2)
    static let set = Self(rawValue: 1 << 3)
    static let hash = Self(rawValue: 1 << 4)
    static let sortedSet = Self(rawValue: 1 << 5)
    static let expired = Self(rawValue: 1 << 6)
    static let evicted = Self(rawValue: 1 << 7)
    /// Publish on `__keyspace@<db>__:<key>`.
    static let keyspaceChannel = Self(rawValue: 1 << 8)
    /// Publish on `__keyevent@<db>__:<event>`.
    static let keyeventChannel = Self(rawValue: 1 << 9)

    /// Every class of events, but neither channel.
    static let all: Self = [.generic, .string, .list, .set, .hash, .sortedSet, .expired, .evicted]
}

extension KeyspaceEventClasses {
    /// The letters of the directive, in the order `CONFIG GET` prints them.
    private static let letters: [(letter: Character, member: Self)] = [
        ("A", .all), ("g", .generic), ("$", .string), ("l", .list), ("s", .set), ("h", .hash), ("z", .sortedSet),
        ("x", .expired), ("e", .evicted), ("K", .keyspaceChannel), ("E", .keyeventChannel),
    ]

    /// Reads letters such as `KEA`, in any order; `nil` if one of them is unknown.
    init?(letters: String) {
        self = []
        for letter in letters {
            guard let known = Self.letters.first(where: { $0.letter == letter }) else { return nil }
            insert(known.member)
        }
    }

    /// The shortest letters that say the same, with `A` for all classes of events.
    var letters: String {
        var text = ""
        var rest = self
        for (letter, member) in Self.letters where rest.isSuperset(of: member) {
            text.append(letter)
            rest.subtract(member)
        }
        return text
    }
}
