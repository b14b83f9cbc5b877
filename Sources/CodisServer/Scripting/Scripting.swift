import Memory
import RESP

/// Scripts in Lua: EVAL, EVALSHA, SCRIPT.
///
/// `Commands/ScriptCommands.swift` has the commands, `Server+ScriptRun.swift` runs a script from its arguments to its
/// reply, `Server+ScriptCalls.swift` is what `redis.call` does. Scripts run one after the other, each to its end, and
/// nothing else happens meanwhile; only when one takes very long, a few commands are answered
/// (`Server+SlowScripts.swift`).
struct Scripting: ~Copyable {
    /// A script that was compiled.
    struct Script {
        /// Its number in the machine.
        let function: Int32
        let text: [UInt8]
    }

    /// Replaced by SCRIPT FLUSH only, never while a script runs.
    private(set) var machine = Handle(LuaMachine())
    private(set) var scripts: [ScriptDigest: Script] = [:]
    /// Whom the commands of scripts see as their client.
    let client: Client
    /// The commands of scripts, one at a time.
    let request = Handle(AssembledRequest())
    let hash = SHA1()
    /// `math.random` of scripts.
    var random = LuaRandom()
    /// The script that runs.
    var run: ScriptRun?
    /// Whether it has taken too long already, and others are told so.
    var isBusy = false
    /// Where clients are read into meanwhile.
    private(set) lazy var readAreaWhileBusy = ReadArea()
    private var lastQuestion: Int64 = 0
    /// Scripts that have run since the garbage collector got a turn of its own.
    private var runs = 0

    init(replyChunks: ReplyChunkPool) {
        client = Client(
            ClientState(
                id: ClientState.scriptID, descriptor: -1, registration: 0, isUnixSocket: false, now: 0,
                replyChunks: replyChunks))
    }

    /// Remembers a script, which is compiled if it is new; throws the error message if it cannot be.
    mutating func load(_ text: RawSpan) throws(ScriptCompileError) -> ScriptDigest {
        let digest = ScriptDigest(of: text, hash)
        if scripts[digest] == nil {
            let function = try machine.value.define(text)
            scripts[digest] = Script(function: function, text: text.array)
        }
        return digest
    }

    /// Forgets all scripts, and whatever they left behind in the machine.
    mutating func flush() {
        scripts = [:]
        machine.destroy()
        machine = Handle(LuaMachine())
    }

    /// Nanoseconds since this was asked last.
    mutating func timeSinceLastQuestion() -> Int64 {
        let now = Clock.monotonicNow()
        defer { lastQuestion = now }
        return now - lastQuestion
    }

    /// A script has ended: gives the garbage collector a turn now and then.
    mutating func endRun() {
        run = nil
        isBusy = false
        runs += 1
        if runs == 50 || machine.value.hasGrown {
            runs = 0
            machine.value.collectGarbage()
        }
    }
}

/// What Lua says of a text that is no script.
struct ScriptCompileError: Error {
    let message: [UInt8]
}

extension LuaMachine {
    /// Compiles a script as the body of a function, as Redis does: errors tell so. To go through as it stands it must
    /// not close that function itself, to have code run outside of it.
    func define(_ text: RawSpan) throws(ScriptCompileError) -> Int32 {
        restoreGlobals()
        var function = ByteBuffer(copying: StaticString("return function() ").bytes)
        function.append(text)
        function.append(StaticString("\nend").bytes)
        for chunk in [function.bytes.array, text.array] where !stack.compile(chunk.bytes, name: "@user_script") {
            let message = stack.bytes(at: -1).array
            stack.pop(stack.count)
            throw ScriptCompileError(message: message)
        }
        stack.pop()
        return keepResult()
    }
}

extension ClientState {
    /// The identifier of the client that commands of scripts have; no connection gets that far.
    static let scriptID = UInt64.max

    /// Whether this is the client of scripts, which has no connection.
    var isScript: Bool { id == Self.scriptID }
}

extension ClientState.Flags {
    /// Nothing is ever written to the client of scripts.
    static let ofScript: ClientState.Flags = [.mayNotWait, .waitsForWritable]
}
