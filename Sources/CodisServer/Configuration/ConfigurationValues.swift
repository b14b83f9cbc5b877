// Directives whose value has several parts.

/// `save`: write a snapshot when that many changes were made and that much time has passed since the last one.
struct SavePoint: Equatable, Sendable {
    /// At least 1.
    let seconds: Int
    let changes: Int
}

/// `slaveof`: where the master listens.
struct MasterAddress: Equatable, Sendable {
    let host: String
    let port: Int
}

/// `rename-command`: a command that is to be called by another name, or not at all.
struct CommandRename: Equatable, Sendable {
    /// The name it has so far.
    let command: [UInt8]
    /// The name it gets; empty takes the command away.
    let name: [UInt8]
}

/// `client-output-buffer-limit`: how many bytes of replies may wait for a client before it is disconnected.
struct OutputBufferLimit: Equatable, Sendable {
    /// Bytes at which the client goes at once; 0 is no limit.
    var hard = 0
    /// Bytes at which the client goes if it stays above them; 0 is no limit.
    var soft = 0
    /// How long it may stay above `soft`.
    var softSeconds = 0
}

/// The output buffer limits of the three classes of clients.
struct OutputBufferLimits: Equatable, Sendable {
    var normal = OutputBufferLimit()
    var slave = OutputBufferLimit(hard: 256 << 20, soft: 64 << 20, softSeconds: 60)
    var pubsub = OutputBufferLimit(hard: 32 << 20, soft: 8 << 20, softSeconds: 60)

    /// The classes by the names they have in the directive, in the order `CONFIG GET` prints them.
    static let classes: [(name: String, limit: any WritableKeyPath<Self, OutputBufferLimit> & Sendable)] = [
        ("normal", \.normal), ("slave", \.slave), ("pubsub", \.pubsub),
    ]
}
