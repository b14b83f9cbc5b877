/// What stands behind a registered descriptor.
enum EventSource {
    case none
    case listener(registration: UInt32, isUnixSocket: Bool)
    case client(Client, registration: UInt32)
    case signals(registration: UInt32)
    case helper(registration: UInt32)
    /// The connection of the migration link with this number.
    case migrationLink(Int, registration: UInt32)
    /// The connection to the master, of the link with this number.
    case master(Int, registration: UInt32)

    var registration: UInt32 {
        switch self {
        case .none: 0
        case .listener(let registration, _), .client(_, let registration), .signals(let registration),
            .helper(let registration), .migrationLink(_, let registration), .master(_, let registration):
            registration
        }
    }
}

extension Server {
    /// Registers a descriptor for reading, or for what `interest` says. The number of the registration goes into the
    /// source by `make`.
    mutating func register(
        _ descriptor: Int32, _ interest: Poller.Interest = .read, _ make: (_ registration: UInt32) -> EventSource
    ) throws(SystemError) {
        lastRegistration &+= 1
        try poller.add(descriptor, registration: lastRegistration, interest)
        let index = Int(descriptor)
        while sources.count <= index { sources.append(.none) }
        sources[index] = make(lastRegistration)
    }

    /// Takes a descriptor out of the poller; events of it that wait are dropped.
    mutating func unregister(_ descriptor: Int32) {
        poller.remove(descriptor)
        sources[Int(descriptor)] = .none
    }
}
