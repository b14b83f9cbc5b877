/// Every directive of Redis 2.8, and the few of 3.2 that make sense here; one line each, in files by subject.
///
/// `include` is not among them: it stores nothing, the loader follows it.
enum DirectiveTable {
    /// All directives, in the order `CONFIG GET` shows them.
    static let directives = process + network + memory + persistence + replication + observation

    private static let byName = Dictionary(uniqueKeysWithValues: directives.map { ($0.name, $0) })

    /// The directive of that name, written in capital or small letters.
    static func directive(named name: ConfigurationWord) -> Directive? {
        byName[name.keyword]
    }
}
