/// A server that follows this one, as its master sees it. It is an ordinary client until it sends PSYNC or SYNC.
final class Replica {
    enum Phase {
        /// It has told of itself by REPLCONF and not asked for anything yet.
        case introduced
        /// It needs a snapshot that has not begun.
        case waitsForSnapshot
        /// It gets a snapshot that has begun; `position` is where in it.
        case receivesSnapshot(FullSync)
        /// It has got a snapshot of unknown length, and no command may follow before it has said that it is ready.
        case loadsSnapshot
        case online
    }

    struct Abilities: OptionSet {
        let rawValue: UInt8
        /// It reads snapshots of unknown length that end with a mark.
        static let markedSnapshots = Abilities(rawValue: 1 << 0)
        /// It follows a stream that changes its name.
        static let renamedStreams = Abilities(rawValue: 1 << 1)
    }

    let client: UInt64
    /// Where it listens; 0 if it did not say.
    var port = 0
    /// The address it announces; empty for the one its connection comes from.
    var announcedHost = ""
    var abilities: Abilities = []
    /// It used SYNC, and so will never acknowledge anything.
    var isSilent = false
    var phase = Phase.introduced

    /// The next byte of the stream that it is to get.
    var offset: Int64 = 0
    /// Bytes of the snapshot that it has got.
    var snapshotPosition: Int64 = 0
    /// Commands that it is to get before the stream; see ``FullSync/prologue``.
    var prologue: [UInt8] = []
    /// What it has acknowledged of the stream.
    var acknowledgedOffset: Int64 = 0
    /// Unix time in seconds: the last acknowledgement, or the last progress of its snapshot.
    var lastHeard: Int64

    init(client: UInt64, now: Int64) {
        self.client = client
        lastHeard = now
    }

    var isOnline: Bool { if case .online = phase { true } else { false } }

    var isWaitingForSnapshot: Bool { if case .waitsForSnapshot = phase { true } else { false } }

    /// Whether it has asked for the stream.
    var isAttached: Bool { if case .introduced = phase { false } else { true } }

    /// The state as INFO names it.
    var stateName: String {
        switch phase {
        case .introduced, .waitsForSnapshot: "wait_bgsave"
        case .receivesSnapshot(let sync): sync.isReadable ? "send_bulk" : "wait_bgsave"
        case .loadsSnapshot, .online: "online"
        }
    }
}
