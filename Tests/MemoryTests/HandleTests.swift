import Testing

@testable import Memory
import TestSupport

struct HandleTests {
    /// Tells an object when it ends.
    private struct Noticed: ~Copyable {
        final class Notice { var ended = 0 }

        let notice: Notice
        var number: Int

        init(_ notice: Notice, _ number: Int) {
            self.notice = notice
            self.number = number
        }

        deinit { notice.ended += 1 }
    }

    @Test func copiesOfAHandleAreOneValue() {
        let notice = Noticed.Notice()
        let handle = Handle(Noticed(notice, 1))
        let copy = handle
        copy.value.number += 41
        #expect(handle.value.number == 42)
        #expect(handle == copy)
        #expect(notice.ended == 0)
        handle.destroy()
        #expect(notice.ended == 1)
    }

    @Test func equalValuesAreDifferentHandles() {
        let (one, other) = (Handle(7), Handle(7))
        #expect(one != other)
        one.destroy()
        #expect(other.value == 7)
        other.destroy()
    }

    @Test func destructionGivesTheMemoryBack() {
        #expect(bytesLeft { Handle((1, 2, 3, 4)).destroy() } == 0)
    }
}
