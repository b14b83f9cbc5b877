import Memory
import RESP

/// What a target says to a message: `SLOTSRESTORE-ASYNC-ACK code text` (specification, section 8).
enum Acknowledgement {
    case done
    case refused(code: String, text: String)

    /// `nil` for a command that is no acknowledgement.
    init?(_ request: Request) {
        guard request.count == 3, request[0].equalsIgnoringCase("slotsrestore-async-ack") else { return nil }
        if request[1].byteCount == 1, request[1][0] == UInt8(ascii: "0") {
            self = .done
        } else {
            self = .refused(code: request[1].text, text: request[2].text)
        }
    }
}
