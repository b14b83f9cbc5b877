import Memory
import RESP

/// What the server knows of a command before it runs it.
struct CommandSpec {
    let command: Command
    /// In lower case.
    let name: StaticString
    /// Number of arguments with the name itself: exactly that many, `-n` for at least n, 0 for any number.
    let arity: Int
    let flags: CommandFlags
    let keys: KeyPositions

    init(
        _ command: Command, _ name: StaticString, _ arity: Int, _ flags: CommandFlags, keys: KeyPositions = .none
    ) {
        self.command = command
        self.name = name
        self.arity = arity
        self.flags = flags
        self.keys = keys
    }

    /// Whether the command may have to wait for keys that must not change: it changes keys, or is a script.
    var mayWaitForPins: Bool { !flags.isDisjoint(with: [.write, .mayCallWrites]) }

    /// Whether the command may add to the memory in use: it says so, or is a script.
    var mayNeedMemory: Bool { !flags.isDisjoint(with: [.denyOOM, .mayCallWrites]) }

    func accepts(argumentCount count: Int) -> Bool {
        arity > 0 ? count == arity : count >= -arity
    }
}

/// Which arguments are keys: every `step`th from `first` to `last`, where a negative `last` counts from the end.
struct KeyPositions: Equatable {
    let first: Int
    let last: Int
    let step: Int

    static let none = KeyPositions(first: 0, last: 0, step: 0)
    /// The first argument behind the name.
    static let first = KeyPositions(first: 1, last: 1, step: 1)
    /// Every argument behind the name.
    static let all = KeyPositions(first: 1, last: -1, step: 1)

    static func range(_ first: Int, _ last: Int, step: Int = 1) -> KeyPositions {
        KeyPositions(first: first, last: last, step: step)
    }

    /// The keys that `EVAL script numkeys key...` declares; none where the number is wrong.
    static func ofScript(_ request: borrowing Request) -> KeyPositions {
        let count = Int64(canonical: request[2]) ?? 0
        return count > 0 && count <= request.count - 3 ? .range(3, 2 + Int(count)) : .none
    }

    /// The positions of the keys among `count` arguments.
    func positions(in count: Int) -> StrideThrough<Int> {
        guard first > 0 else { return stride(from: 1, through: 0, by: 1) }
        return stride(from: first, through: last < 0 ? count + last : last, by: step)
    }
}

/// What a command does and where it may be used; the names are those of `COMMAND INFO`.
struct CommandFlags: OptionSet {
    let rawValue: UInt16

    static let write = CommandFlags(rawValue: 1 << 0)
    static let readonly = CommandFlags(rawValue: 1 << 1)
    /// Refused while memory is over `maxmemory`.
    static let denyOOM = CommandFlags(rawValue: 1 << 2)
    /// Not shown by MONITOR.
    static let admin = CommandFlags(rawValue: 1 << 3)
    static let pubSub = CommandFlags(rawValue: 1 << 4)
    /// Not allowed in scripts.
    static let noScript = CommandFlags(rawValue: 1 << 5)
    /// Answers may differ for the same data.
    static let random = CommandFlags(rawValue: 1 << 6)
    /// Scripts get the reply sorted.
    static let sortForScript = CommandFlags(rawValue: 1 << 7)
    /// Allowed while the data set is loaded.
    static let loading = CommandFlags(rawValue: 1 << 8)
    /// Allowed on a replica that has lost its master.
    static let stale = CommandFlags(rawValue: 1 << 9)
    /// Not shown by MONITOR since it does something to it.
    static let skipMonitor = CommandFlags(rawValue: 1 << 10)
    /// O(1) or O(log n).
    static let fast = CommandFlags(rawValue: 1 << 12)
    /// The number of keys is itself an argument.
    static let movableKeys = CommandFlags(rawValue: 1 << 13)
    /// As short as a fast one while its arguments are small; no flag of Redis, and not shown.
    static let oftenShort = CommandFlags(rawValue: 1 << 14)
    /// Runs a script that may call commands which write; no flag of Redis, and not shown.
    static let mayCallWrites = CommandFlags(rawValue: 1 << 15)

    /// The flags with their names, in the order that `COMMAND INFO` prints them.
    static let named: [(CommandFlags, StaticString)] = [
        (.write, "write"), (.readonly, "readonly"), (.denyOOM, "denyoom"), (.admin, "admin"), (.pubSub, "pubsub"),
        (.noScript, "noscript"), (.random, "random"), (.sortForScript, "sort_for_script"), (.loading, "loading"),
        (.stale, "stale"), (.skipMonitor, "skip_monitor"), (.fast, "fast"), (.movableKeys, "movablekeys"),
    ]
}
