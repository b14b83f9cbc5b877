import Memory
import RESP

/// What may follow key and value in SET: `[EX s | PX ms | EXAT s | PXAT ms | KEEPTTL] [NX | XX] [GET]`, in any order.
///
/// Redis 2.8 has EX, PX, NX and XX, and takes any of them together, the last lifetime counting; so does this. The others
/// came later, and contradict each other as they do there.
struct SetOptions {
    private(set) var onlyIfAbsent = false
    private(set) var onlyIfPresent = false
    private(set) var keepsExpiry = false
    private(set) var answersOld = false
    /// The index of the argument that says how long the key is to live; 0 for ever.
    private(set) var lifetime = 0
    private(set) var unit = LifetimeUnit.seconds

    init(_ request: borrowing Request) throws(CommandError) {
        var index = 3
        while index < request.count {
            let option = request[index]
            if option.equalsIgnoringCase("nx") {
                onlyIfAbsent = true
            } else if option.equalsIgnoringCase("xx") {
                onlyIfPresent = true
            } else if option.equalsIgnoringCase("get") {
                answersOld = true
            } else if option.equalsIgnoringCase("keepttl") {
                keepsExpiry = true
            } else if index + 1 < request.count, let unit = LifetimeUnit(option) {
                index += 1
                (lifetime, self.unit) = (index, unit)
            } else {
                throw .syntax
            }
            index += 1
        }
        if keepsExpiry, lifetime > 0 { throw .syntax }
    }
}

/// How a lifetime is told: its length from now, or its end in Unix time.
enum LifetimeUnit {
    case seconds, milliseconds, unixSeconds, unixMilliseconds

    init?(_ word: RawSpan) {
        if word.equalsIgnoringCase("ex") {
            self = .seconds
        } else if word.equalsIgnoringCase("px") {
            self = .milliseconds
        } else if word.equalsIgnoringCase("exat") {
            self = .unixSeconds
        } else if word.equalsIgnoringCase("pxat") {
            self = .unixMilliseconds
        } else {
            return nil
        }
    }

    var milliseconds: Int64 {
        switch self {
        case .seconds, .unixSeconds: 1000
        case .milliseconds, .unixMilliseconds: 1
        }
    }

    var isFromNow: Bool {
        switch self {
        case .seconds, .milliseconds: true
        case .unixSeconds, .unixMilliseconds: false
        }
    }
}
