import Memory

/// Finds a command by the name a client used: a hash table of all names, `rename-command` considered.
@safe
struct CommandRegistry: ~Copyable {
    /// A name of up to 8 bytes in lower case as one word; longer names are compared byte by byte.
    private struct Slot {
        var prefix: UInt64 = 0
        var length = 0
        /// Index into ``names`` and ``specs``, -1 for a free slot.
        var index = -1
    }

    /// Four times as many as there are commands: most names are found at once.
    private static let slotCount = 512

    private let slots: UnsafeMutablePointer<Slot>
    private let specs: UnsafeMutablePointer<CommandSpec>
    private var names: [[UInt8]] = []
    private var commands: [Command] = []

    init() {
        unsafe slots = .allocate(capacity: Self.slotCount)
        unsafe slots.initialize(repeating: Slot(), count: Self.slotCount)
        let all = CommandSpec.all
        precondition(all.count == Command.allCases.count, "a command without a line in the table")
        unsafe specs = .allocate(capacity: all.count)
        for spec in all { unsafe (specs + Int(spec.command.rawValue)).initialize(to: spec) }
        for spec in all { insert(spec.name.bytes.array, spec.command) }
    }

    deinit {
        unsafe slots.deallocate()
        unsafe specs.deallocate()
    }

    subscript(command: Command) -> CommandSpec { unsafe specs[Int(command.rawValue)] }

    /// The command of that name, in any case of letters. O(1).
    func find(_ name: RawSpan) -> Command? {
        let prefix = Self.prefix(name)
        var position = Self.position(prefix, name.byteCount)
        while true {
            let slot = unsafe slots[position]
            if slot.index < 0 { return nil }
            if slot.length == name.byteCount, slot.prefix == prefix, name.byteCount <= 8 || matches(slot.index, name) {
                return commands[slot.index]
            }
            position = (position + 1) & (Self.slotCount - 1)
        }
    }

    /// Gives a command another name, or none when `newName` is empty.
    mutating func rename(_ name: [UInt8], to newName: [UInt8]) {
        let command = unsafe find(name.span.bytes)
        guard let command else { return }
        var kept: [([UInt8], Command)] = []
        for (index, old) in names.enumerated() where commands[index] != command { kept.append((old, commands[index])) }
        unsafe slots.update(repeating: Slot(), count: Self.slotCount)
        names = []
        commands = []
        for (name, command) in kept { insert(name, command) }
        if !newName.isEmpty { insert(newName.map(\.lowercased), command) }
    }

    private mutating func insert(_ name: [UInt8], _ command: Command) {
        let prefix = unsafe Self.prefix(name.span.bytes)
        var position = Self.position(prefix, name.count)
        while unsafe slots[position].index >= 0 { position = (position + 1) & (Self.slotCount - 1) }
        unsafe slots[position] = Slot(prefix: prefix, length: name.count, index: names.count)
        names.append(name)
        commands.append(command)
    }

    private func matches(_ index: Int, _ name: RawSpan) -> Bool {
        let candidate = names[index]
        for position in 0..<name.byteCount where name[position].lowercased != candidate[position] { return false }
        return true
    }

    /// The first 8 bytes in lower case, exactly: a byte that is no capital stays as it is.
    @inline(__always)
    private static func prefix(_ name: RawSpan) -> UInt64 {
        var word: UInt64 = 0
        let length = min(name.byteCount, 8)
        var index = 0
        while index < length {
            word |= UInt64(name[index].lowercased) << UInt64(8 * index)
            index += 1
        }
        return word
    }

    @inline(__always)
    private static func position(_ prefix: UInt64, _ length: Int) -> Int {
        let mixed = (prefix &+ UInt64(truncatingIfNeeded: length)) &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: mixed >> 55)
    }
}
