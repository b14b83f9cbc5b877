import Memory
import Testing

@testable import RESP
import TestSupport

struct RequestTests {
    @Test func argumentsAreViewsOfTheInput() {
        let bytes = [UInt8]("..GET.key..")
        let ranges = [
            ArgumentRange(offset: 2, length: 3), ArgumentRange(offset: 6, length: 3),
            ArgumentRange(offset: 11, length: 0),
        ]
        let request = Request(input: bytes.raw, ranges: ranges.span)
        let (count, byteCount) = (request.count, request.byteCount)
        let (name, key, empty) = (request[0].array, request[1].array, request[2].array)
        #expect(count == 3 && byteCount == 6)
        #expect(name == [UInt8]("GET") && key == [UInt8]("key") && empty.isEmpty)
    }

    @Test func anArgumentThatIsNotThereTraps() async {
        await #expect(processExitsWith: .failure) {
            let bytes = [UInt8]("GET")
            let ranges = [ArgumentRange(offset: 0, length: 3)]
            let request = Request(input: bytes.raw, ranges: ranges.span)
            _ = request[1]
        }
    }
}
