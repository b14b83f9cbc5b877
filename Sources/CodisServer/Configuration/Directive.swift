/// One line of `DirectiveTable`: a setting's name, where its value lives in `Configuration`, how the value is written,
/// where it may be given, and whether it has an effect already.
struct Directive: Sendable {
    /// Where a directive may be given, and whether `CONFIG GET` shows it.
    enum Access: Sendable {
        /// In the file, by `CONFIG SET` and by `CONFIG GET`.
        case always
        /// In the file; `CONFIG GET` shows it.
        case atStart
        /// In the file alone, as Redis 2.8 has it for a few.
        case fileOnly
        /// By `CONFIG SET` and `CONFIG GET`, never in the file.
        case runtimeOnly
    }

    /// Whether a directive does what it says.
    enum Status: Equatable, Sendable {
        case inEffect
        /// It is read, checked and shown, but rests until the server has the feature.
        case accepted(Feature)
    }

    /// What some directives wait for, as it is called in `redis.conf`.
    enum Feature: String, Sendable {
        case daemonMode = "daemon mode"
        case supervision = "notification of the init system"
        case watchdog = "the software watchdog"
        case protectedMode = "protected mode"
        case quicklist = "the chunked list encoding"
        case persistence = "persistence"
        case replication = "replication"
        case syslog = "output to syslog"
    }

    /// What a value brings about beyond being stored, such as a change of the working directory. It runs on the
    /// configuration that has the new value, and that configuration is dropped if it throws.
    typealias Effect =
        @Sendable (inout Configuration, any ConfigurationEnvironment) throws(ValueError) -> Void

    let name: String
    let access: Access
    let status: Status
    /// How many words a configuration line has after the name.
    let wordCounts: ClosedRange<Int>
    /// Stores the words of a configuration line.
    let readLine: @Sendable (inout Configuration, [ConfigurationWord]) throws(ValueError) -> Void
    /// Stores the argument of `CONFIG SET`.
    let readArgument: @Sendable (inout Configuration, ConfigurationWord) throws(ValueError) -> Void
    /// The value as `CONFIG GET` replies it.
    let print: @Sendable (Configuration) -> [UInt8]
    /// The values of the lines that `CONFIG REWRITE` writes; `nil` if it leaves those of the file alone.
    let lines: @Sendable (Configuration) -> [[UInt8]]?
    let effect: Effect?

    init<Value: Sendable>(
        _ name: String,
        _ property: any WritableKeyPath<Configuration, Value> & Sendable,
        _ syntax: ValueSyntax<Value>,
        _ access: Access,
        _ status: Status = .inEffect,
        then effect: Effect? = nil
    ) {
        self.name = name
        self.access = access
        self.status = status
        self.effect = effect
        wordCounts = syntax.wordCounts
        readLine = { configuration, words throws(ValueError) in
            try syntax.readLine(&configuration[keyPath: property], words)
        }
        readArgument = { configuration, argument throws(ValueError) in
            try syntax.readArgument(&configuration[keyPath: property], argument)
        }
        print = { configuration in syntax.print(configuration[keyPath: property]) }
        lines = { configuration in syntax.lines(configuration[keyPath: property]) }
    }

    var isReadFromFile: Bool { access != .runtimeOnly }
    var isSettable: Bool { access == .always || access == .runtimeOnly }
    var isShown: Bool { access != .fileOnly }
}
