import Logging
import Memory
import RESP

/// Scripts that take longer than `lua-time-limit`: the server goes on answering others, though it refuses nearly
/// everything, so that somebody can end the script.
extension Server {
    /// Why the script that runs may not go on. Asked by Lua now and then.
    mutating func endOfScript() -> ScriptRun.End? {
        guard let run = scripting.run else { return nil }
        if let end = run.end { return end }
        guard configuration.luaTimeLimit > 0 else { return nil }
        if !run.isSlow {
            let now = Clock.monotonicNow()
            if run.startedAt == nil { scripting.run?.startedAt = now }
            let elapsed = (now - (run.startedAt ?? now)) / 1_000_000
            guard elapsed >= configuration.luaTimeLimit else { return nil }
            logger.warning(
                """
                Lua slow script detected: still in execution after \(elapsed) milliseconds. You can try killing the \
                script using the SCRIPT KILL command.
                """)
            scripting.run?.isSlow = true
            scripting.isBusy = true
        }
        serveWhileBusy()
        return scripting.run?.end
    }

    /// SCRIPT KILL
    mutating func killScript() throws(CommandError) {
        guard let run = scripting.run else { throw .noScriptRuns }
        // What came from the master has changed something there.
        guard !run.hasWritten, !replication.isApplying else { throw .scriptHasWritten }
        endScript(.killed)
    }

    /// Ends the script that runs, if there is one, at its next instruction.
    mutating func endScript(_ reason: ScriptRun.End) {
        guard scripting.run != nil else { return }
        scripting.run?.end = reason
        scripting.machine.value.askAlways()
    }

    /// Whether a command is executed while a script takes too long.
    func isAllowedWhileBusy(_ command: Command, _ request: borrowing Request) -> Bool {
        switch command {
        case .auth, .hello: true
        case .shutdown: request.count == 2 && request[1].equalsIgnoringCase("nosave")
        case .script: request.count == 2 && request[1].equalsIgnoringCase("kill")
        default: false
        }
    }

    /// Serves what waits on listeners and clients. Nothing else moves: for whoever follows the data, a script is
    /// one step. What is not served here, but for clients, waits on descriptors that go on telling.
    private mutating func serveWhileBusy() {
        guard let caller = scripting.run?.caller else { return }
        // The caller's request lies in the usual one.
        let area = readArea
        readArea = scripting.readAreaWhileBusy
        defer { readArea = area }
        serveReadQueue(puttingOff: caller)
        // First those that the run loop has got and not come to.
        serveEvents(puttingOff: caller)
        poller.wait(milliseconds: 0)
        serveEvents(puttingOff: caller)
        flushPropagation()
        writeReplies()
    }

    private mutating func serveEvents(puttingOff caller: Client) {
        while let event = poller.nextEvent() {
            let source = sources[Int(event.descriptor)]
            guard source.registration == event.registration else { continue }
            switch source {
            case .client(caller, _): putOff(caller, event)
            case .client, .listener: handle(event)
            // The signal waits on, too.
            case .signals where scripting.run?.hasWritten == false: endScript(.shutdown)
            default: break
            }
        }
    }

    /// The caller's next requests come when this one is done.
    private mutating func putOff(_ caller: Client, _ event: Poller.Event) {
        if event.isEnding { caller.state.flags.insert(.isEnding) }
        if event.isReadable { readAgain(caller) }
        if event.isWritable, caller.state.flags.contains(.waitsForWritable) {
            caller.state.flags.remove(.waitsForWritable)
            queueWrite(caller)
        }
    }
}
