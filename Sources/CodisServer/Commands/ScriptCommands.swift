import Memory
import RESP

/// EVAL, EVALSHA, their read-only kin of Redis 7, and SCRIPT. What they do is in `Scripting/`.
extension Server {
    /// `EVAL script numkeys key [key ...] arg [arg ...]`, `EVAL_RO`
    mutating func eval(_ request: Request, _ client: Client, isReadOnly: Bool) throws(CommandError) {
        let keys = try Self.keyCount(of: request)
        guard let digest = loadScript(request[1], client) else { return }
        runScript(digest, request, keys: keys, client, isReadOnly: isReadOnly)
    }

    /// `EVALSHA sha1 numkeys key [key ...] arg [arg ...]`, `EVALSHA_RO`
    mutating func evalsha(_ request: Request, _ client: Client, isReadOnly: Bool) throws(CommandError) {
        let keys = try Self.keyCount(of: request)
        guard let digest = ScriptDigest(hexadecimal: request[1]), scripting.scripts[digest] != nil else {
            throw .noSuchScript
        }
        runScript(digest, request, keys: keys, client, isReadOnly: isReadOnly)
    }

    /// `SCRIPT LOAD script`, `SCRIPT EXISTS sha1 [sha1 ...]`, `SCRIPT FLUSH`, `SCRIPT KILL`
    mutating func script(_ request: Request, _ client: Client) throws(CommandError) {
        let subcommand = request[1]
        if subcommand.equalsIgnoringCase("load"), request.count == 3 {
            guard let digest = loadScript(request[2], client) else { return }
            client.reply.bulk(digest.hexadecimal)
            propagateInstead(in: client.state.database) { $0.append(request) }
        } else if subcommand.equalsIgnoringCase("exists") {
            client.reply.array(request.count - 2)
            for index in 2..<max(request.count, 2) {
                let digest = ScriptDigest(hexadecimal: request[index])
                client.reply.integer(digest.map { scripting.scripts[$0] != nil } == true ? 1 : 0)
            }
        } else if subcommand.equalsIgnoringCase("flush"), request.count == 2 {
            scripting.flush()
            client.reply.ok()
            // As in Redis, whoever follows this server forgets them, too.
            dirty += 1
        } else if subcommand.equalsIgnoringCase("kill"), request.count == 2 {
            try killScript()
            client.reply.ok()
        } else {
            throw .scriptSyntax
        }
    }

    /// Compiles a script if it is new; replies the error and answers `nil` if it is none.
    private mutating func loadScript(_ text: RawSpan, _ client: Client) -> ScriptDigest? {
        do throws(ScriptCompileError) {
            return try scripting.load(text)
        } catch {
            client.reply.append("-ERR Error compiling script (new function): ")
            client.reply.append(line: error.message.bytes)
            client.reply.append(" \r\n")
            return nil
        }
    }

    private static func keyCount(of request: Request) throws(CommandError) -> Int {
        let count = try request[2].integer()
        guard count <= request.count - 3 else { throw .tooManyScriptKeys }
        guard count >= 0 else { throw .negativeScriptKeys }
        return Int(count)
    }
}

extension Command {
    /// Whether the command runs a script: `name script numkeys key... arg...`.
    var isScript: Bool {
        switch self {
        case .eval, .evalsha, .evalReadOnly, .evalshaReadOnly: true
        default: false
        }
    }
}
