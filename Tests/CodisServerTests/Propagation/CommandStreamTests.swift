import Memory
import RESP
import Testing

@testable import CodisServer

/// What a listener reads: SELECT where the database changes, MULTI and EXEC where something was changed between them.
@Suite struct CommandStreamTests {
    @Test func databasesAreSelectedWhereTheyChange() {
        var stream = CommandStream()
        stream.appendDelete("a", in: 0)
        stream.appendDelete("b", in: 0)
        stream.appendDelete("c", in: 12)
        #expect(stream.text == "SELECT 0; DEL a; DEL b; SELECT 12; DEL c; ")
        stream.removeAll()
        stream.appendDelete("d", in: 12)
        stream.forgetDatabase()
        stream.appendDelete("e", in: 12)
        #expect(stream.text == "DEL d; SELECT 12; DEL e; ")
    }

    @Test func aTransactionIsWrittenOnceItChangesSomething() {
        var stream = CommandStream()
        stream.endTransaction()
        #expect(stream.text == "")
        stream.appendDelete("a", in: 0, inTransaction: true)
        stream.appendDelete("b", in: 1, inTransaction: true)
        stream.endTransaction()
        stream.endTransaction()
        stream.appendDelete("c", in: 1)
        #expect(stream.text == "SELECT 0; MULTI; DEL a; SELECT 1; DEL b; EXEC; DEL c; ")
    }

    @Test func onlyThoseThatListenAreTold() {
        var propagation = Propagation()
        propagation.append(in: 0) { $0.appendDelete("a") }
        propagation.begin(.replicas)
        propagation.append(in: 0) { $0.appendDelete("b") }
        propagation.begin(.appendOnlyFile)
        propagation.append(in: 0, to: .replicas) { $0.appendDelete("c") }
        propagation.append(in: 0) { $0.appendDelete("d") }
        #expect(propagation.replicas.text == "SELECT 0; DEL b; DEL c; DEL d; ")
        #expect(propagation.appendOnlyFile.text == "SELECT 0; DEL d; ")
        propagation.end(.replicas)
        propagation.append(in: 0) { $0.appendDelete("e") }
        #expect(propagation.replicas.text == "")
        #expect(propagation.appendOnlyFile.text == "SELECT 0; DEL d; DEL e; ")
    }

    @Test func scriptsAreToldAsAWholeOrByTheirCommands() {
        var propagation = Propagation()
        propagation.begin(.all)
        propagation.beginScript()
        propagation.append(in: 0) { $0.appendDelete("verbatim") }
        propagation.endScript()
        propagation.append(in: 0) { $0.appendDelete("a") }
        propagation.beginScript()
        propagation.tellScriptByEffects()
        propagation.append(in: 0) { $0.appendDelete("b") }
        propagation.setScriptTargets(.replicas)
        propagation.append(in: 0) { $0.appendDelete("c") }
        propagation.setScriptTargets([])
        propagation.append(in: 0) { $0.appendDelete("nobody") }
        propagation.endScript()
        propagation.append(in: 0) { $0.appendDelete("d") }
        #expect(propagation.replicas.text == "SELECT 0; DEL a; MULTI; DEL b; DEL c; EXEC; DEL d; ")
        #expect(propagation.appendOnlyFile.text == "SELECT 0; DEL a; MULTI; DEL b; EXEC; DEL d; ")
    }

    @Test func whatAScriptFoundDoneComesBeforeIt() {
        var propagation = Propagation()
        propagation.begin(.replicas)
        propagation.beginScript()
        propagation.append(in: 1) { $0.appendDelete("effect") }
        propagation.appendBeforeScript(in: 0) { $0.appendDelete("expired") }
        propagation.endScript()
        propagation.append(in: 0) { $0.appendDelete("script") }
        propagation.beginScript()
        propagation.append(in: 0) { $0.appendDelete("a") }
        propagation.tellScriptByEffects()
        propagation.appendBeforeScript(in: 0) { $0.appendDelete("moved") }
        propagation.endScript()
        propagation.beginScript()
        propagation.append(in: 0) { $0.appendDelete("undone") }
        propagation.tellScriptByEffects()
        propagation.endScript(isUndone: true)
        #expect(propagation.replicas.text == "SELECT 0; DEL expired; DEL script; MULTI; DEL a; DEL moved; EXEC; ")
    }

    @Test func aScriptWithinATransactionEndsNone() {
        var propagation = Propagation()
        propagation.begin(.replicas)
        propagation.beginTransaction()
        propagation.beginScript()
        propagation.tellScriptByEffects()
        propagation.append(in: 0) { $0.appendDelete("a") }
        propagation.endScript()
        propagation.append(in: 0) { $0.appendDelete("b") }
        propagation.endTransaction()
        #expect(propagation.replicas.text == "SELECT 0; MULTI; DEL a; DEL b; EXEC; ")
    }
}

extension CommandBuffer {
    fileprivate mutating func appendDelete(_ key: String) {
        array(2)
        bulk("DEL")
        bulk(Array(key.utf8).bytes)
    }
}

extension CommandStream {
    fileprivate mutating func appendDelete(_ key: String, in database: Int, inTransaction: Bool = false) {
        append(in: database, inTransaction: inTransaction) { $0.appendDelete(key) }
    }

    /// The commands, each ended by a semicolon.
    fileprivate var text: String {
        var parser = RequestParser()
        var position = 0
        var text = ""
        while case .request(let length) = parser.parse(commands.bytes.extracting(position..<commands.count)) {
            let request = parser.request(in: commands.bytes.extracting(position..<commands.count))
            for index in 0..<request.count {
                text += String(decoding: request[index].array, as: UTF8.self) + (index + 1 < request.count ? " " : "; ")
            }
            position += length
        }
        return text
    }
}
