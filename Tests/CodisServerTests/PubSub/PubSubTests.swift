import Testing

@testable import CodisServer
import TestSupport

struct PubSubTests {
    private let channel = Array("channel".utf8)
    private let pattern = Array("pattern*".utf8)

    @Test func subscribersAreKeptInTheOrderTheyCame() {
        var pubSub = PubSub()
        let own = (0..<4).map { _ in Subscriptions() }
        let isNew = [3, 1, 2, 0, 1].map { pubSub.subscribe(UInt64($0), own[$0], to: channel) }
        #expect(isNew == [true, true, true, true, false])
        #expect(pubSub.subscribers(of: channel) == [3, 1, 2, 0])
        let hasLeft = (0..<2).map { _ in pubSub.unsubscribe(1, own[1], from: channel) }
        #expect(hasLeft == [true, false])
        #expect(pubSub.subscribers(of: channel) == [3, 2, 0])
        #expect(own.map(\.count) == [1, 0, 1, 1])
    }

    @Test func nothingIsLeftOfAClientThatGoes() {
        var pubSub = PubSub()
        let (leaving, staying) = (Subscriptions(), Subscriptions())
        _ = pubSub.subscribe(1, leaving, to: channel)
        _ = pubSub.subscribe(1, leaving, toPattern: pattern)
        let isNew = (0..<2).map { _ in pubSub.subscribe(2, staying, toPattern: pattern) }
        #expect(isNew == [true, false])
        #expect(leaving.count == 2 && pubSub.patterns.map(\.client) == [1, 2])
        pubSub.unsubscribeAll(1, leaving)
        #expect(leaving.count == 0 && pubSub.channelNames.isEmpty && pubSub.patterns.map(\.client) == [2])
        let hasLeft = (0..<2).map { _ in pubSub.unsubscribe(2, staying, fromPattern: pattern) }
        #expect(hasLeft == [true, false])
        #expect(pubSub.isEmpty)
    }
}
