import Memory
import RESP

extension Server {
    /// INFO [section]: what the server knows of itself, as text. An unknown section is an empty text.
    mutating func info(_ request: Request, _ client: Client) throws(CommandError) {
        guard request.count <= 2 else { throw .syntax }
        let sections = request.count == 2 ? InfoSection.named(request[1]) : InfoSection.usual
        var text = InfoText()
        for section in sections {
            text.begin(section.title)
            write(section, to: &text)
        }
        client.reply.bulk(text.text)
    }

    private mutating func write(_ section: InfoSection, to text: inout InfoText) {
        switch section {
        case .server: writeServerInfo(to: &text)
        case .clients: writeClientsInfo(to: &text)
        case .memory: writeMemoryInfo(to: &text)
        case .persistence: writePersistenceInfo(to: &text)
        case .stats: writeStatsInfo(to: &text)
        case .replication: writeReplicationInfo(to: &text)
        case .cpu: writeCPUInfo(to: &text)
        case .commandTimes: writeCommandTimesInfo(to: &text)
        case .slots: writeSlotsInfo(to: &text)
        case .keyspace: writeKeyspaceInfo(to: &text)
        }
    }
}

/// The parts of INFO, in the order they are shown.
enum InfoSection: CaseIterable {
    case server, clients, memory, persistence, stats, replication, cpu, commandTimes, slots, keyspace

    /// Those that are shown when none is asked for.
    static let usual = allCases.filter { $0 != .commandTimes && $0 != .slots }

    /// As its heading spells it, and in lower case as the argument does.
    private var names: (title: StaticString, argument: StaticString) {
        switch self {
        case .server: ("Server", "server")
        case .clients: ("Clients", "clients")
        case .memory: ("Memory", "memory")
        case .persistence: ("Persistence", "persistence")
        case .stats: ("Stats", "stats")
        case .replication: ("Replication", "replication")
        case .cpu: ("CPU", "cpu")
        case .commandTimes: ("Commandstats", "commandstats")
        case .slots: ("Slots", "slots")
        case .keyspace: ("Keyspace", "keyspace")
        }
    }

    var title: StaticString { names.title }

    /// The sections that an argument in any case of letters stands for.
    static func named(_ argument: RawSpan) -> [InfoSection] {
        if argument.equalsIgnoringCase("default") { return usual }
        for word: StaticString in ["all", "everything"] where argument.equalsIgnoringCase(word) {
            return allCases
        }
        return allCases.filter { argument.equalsIgnoringCase($0.names.argument) }
    }
}
