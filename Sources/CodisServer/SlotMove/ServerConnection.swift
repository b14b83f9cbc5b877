import Glibc
import Memory
import RESP

/// A client's connection to a server, for programs that wait for each answer.
final class ServerConnection {
    /// What a server answers.
    enum Answer {
        case status([UInt8])
        case error(String)
        case integer(Int)
        /// `nil` is the bulk that stands for nothing.
        case bulk([UInt8]?)
        case array([Answer])
    }

    let name: String
    private let descriptor: Int32
    private var output = ReplyBuffer()
    private var input = ByteBuffer()
    /// Milliseconds that an answer may take.
    private let patience: Int32

    init(host: String, port: Int, password: String?, patience: Int32 = 120_000) throws(SlotMoveError) {
        name = "\(host):\(port)"
        self.patience = patience
        descriptor = try Self.connect(host, port, name)
        Socket.setNoDelay(descriptor)
        if let password, case .error(let text) = try call("AUTH", password) { throw .refused(name, text) }
    }

    deinit { close(descriptor) }

    private static func connect(_ host: String, _ port: Int, _ name: String) throws(SlotMoveError) -> Int32 {
        var reason = "no address"
        do throws(AddressText.ResolveError) {
            for address in try AddressText.resolve(host: host, port: port, numericOnly: false) {
                do throws(SystemError) {
                    let descriptor = try Socket.connect(to: address)
                    var wait = DescriptorWait()
                    wait.add(descriptor, forReading: false, forWriting: true)
                    let isReady = !wait.wait(milliseconds: 5000).isEmpty
                    let failure = Socket.connectResult(descriptor)
                    if isReady, failure == nil { return descriptor }
                    reason = failure?.description ?? "no answer"
                    close(descriptor)
                } catch {
                    reason = error.description
                }
            }
        } catch {
            reason = error.description
        }
        throw .unreachable(name, reason)
    }

    // MARK: Calling

    func call(_ words: String...) throws(SlotMoveError) -> Answer {
        send(words.map { [UInt8]($0.utf8) })
        return try receive()
    }

    /// Puts a command behind those that are to be sent.
    func send(_ words: [[UInt8]]) {
        output.array(words.count)
        for word in words { output.bulk(word) }
    }

    /// Sends what is to be sent and waits for the next answer.
    func receive() throws(SlotMoveError) -> Answer {
        try flush()
        while true {
            if let answer = try takeAnswer() { return answer }
            try read()
        }
    }

    /// Takes the first answer out of what has come, if it is complete.
    private func takeAnswer() throws(SlotMoveError) -> Answer? {
        var bytes = ByteBuffer()
        swap(&bytes, &input)
        defer { swap(&bytes, &input) }
        guard let (answer, length) = try parse(bytes.bytes, at: 0) else { return nil }
        bytes.removePrefix(length)
        return answer
    }

    private func flush() throws(SlotMoveError) {
        while !output.isEmpty {
            do throws(SystemError) {
                let descriptor = descriptor
                _ = unsafe try output.drain { runs throws(SystemError) in try unsafe Socket.write(descriptor, runs) }
            } catch {
                guard error.wouldBlock else { throw .broken(name, error.description) }
                // The other side may wait for its answers to be taken before it reads on.
                try wait(forWriting: true)
                if try hasInput() { try read() }
            }
        }
    }

    private func hasInput() throws(SlotMoveError) -> Bool {
        var wait = DescriptorWait()
        wait.add(descriptor, forReading: true, forWriting: false)
        return !wait.wait(milliseconds: 0).isEmpty
    }

    private func wait(forWriting: Bool) throws(SlotMoveError) {
        var wait = DescriptorWait()
        wait.add(descriptor, forReading: true, forWriting: forWriting)
        if wait.wait(milliseconds: patience).isEmpty { throw .broken(name, "no answer") }
    }

    private func read() throws(SlotMoveError) {
        try wait(forWriting: false)
        let descriptor = descriptor
        var failure: SystemError?
        let count = unsafe input.append(upTo: 256 * 1024) { target in
            do throws(SystemError) {
                return try unsafe Socket.read(descriptor, into: target)
            } catch {
                failure = error
                return 0
            }
        }
        if count == 0, failure?.wouldBlock != true {
            throw .broken(name, failure?.description ?? "connection closed")
        }
    }

    // MARK: Parsing

    /// The answer at `start` and where it ends, or `nil` as long as it is not complete.
    private func parse(_ bytes: RawSpan, at start: Int) throws(SlotMoveError) -> (Answer, end: Int)? {
        guard start < bytes.byteCount, let newline = bytes.firstIndex(of: 10, from: start), newline > start + 1 else {
            return nil
        }
        let line = bytes.extracting(start + 1..<newline - 1)
        let next = newline + 1
        switch bytes[start] {
        case UInt8(ascii: "+"): return (.status(line.array), next)
        case UInt8(ascii: "-"): return (.error(line.text), next)
        case UInt8(ascii: ":"): return (.integer(try number(line)), next)
        case UInt8(ascii: "$"):
            let length = try number(line)
            if length < 0 { return (.bulk(nil), next) }
            guard bytes.byteCount >= next + length + 2 else { return nil }
            return (.bulk(bytes.extracting(next..<next + length).array), next + length + 2)
        case UInt8(ascii: "*"):
            var items: [Answer] = []
            var position = next
            for _ in 0..<max(0, try number(line)) {
                guard let (item, end) = try parse(bytes, at: position) else { return nil }
                items.append(item)
                position = end
            }
            return (.array(items), position)
        default: throw .broken(name, "it does not speak Redis' protocol")
        }
    }

    private func number(_ line: RawSpan) throws(SlotMoveError) -> Int {
        guard let value = Int64(canonical: line) else { throw .broken(name, "it does not speak Redis' protocol") }
        return Int(value)
    }
}

extension ServerConnection.Answer {
    var items: [Self]? { if case .array(let items) = self { items } else { nil } }
    var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    var bytes: [UInt8]? {
        switch self {
        case .bulk(let bytes): bytes
        case .status(let bytes): bytes
        case .error, .integer, .array: nil
        }
    }
}
