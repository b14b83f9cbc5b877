public import Memory

/// Keys chosen by chance.
extension Database {
    /// Any key of a slot, each about as likely. O(1) expected.
    public func randomEntry(inSlot slot: Int, _ random: inout SplitMix) -> Entry? {
        guard let slots = unsafe slots, let address = unsafe slots[slot].table.randomElement(&random) else {
            return nil
        }
        return unsafe Entry(address)
    }

    /// Any key, each about as likely; `nil` in an empty database. O(1) expected.
    public func randomEntry(_ random: inout SplitMix) -> Entry? {
        randomSlot(ofExpiringKeys: false, &random).flatMap { randomEntry(inSlot: $0, &random) }
    }

    /// Appends the entries of one bucket of the table behind some slot, or those among them that expire, and answers
    /// the slot. Each key is about as likely to be among them. Where few keys of a large slot expire, it looks at some
    /// thousand buckets for one, and may find none.
    @discardableResult
    public func appendSample(
        onlyExpiring: Bool, to entries: inout [Entry], _ random: inout SplitMix
    ) -> Int? {
        guard let slots = unsafe slots, let slot = randomSlot(ofExpiringKeys: onlyExpiring, &random) else { return nil }
        let buckets = bucketCount(inSlot: slot)
        let before = entries.count
        var bucket = Int.random(in: 0..<buckets, using: &random)
        for _ in 0..<min(buckets, Self.mostBuckets) {
            unsafe slots[slot].table.forEach(inBucket: bucket, onlyMarked: onlyExpiring) {
                unsafe entries.append(Entry($0))
            }
            if entries.count > before { return slot }
            bucket = bucket + 1 == buckets ? 0 : bucket + 1
        }
        return nil
    }

    /// Some ten microseconds of looking.
    private static var mostBuckets: Int { 4096 }

    private func randomSlot(ofExpiringKeys: Bool, _ random: inout SplitMix) -> Int? {
        guard let slots = unsafe slots else { return nil }
        if ofExpiringKeys {
            guard expiringCount > 0 else { return nil }
            return expiringShares.randomSlot(&random) { unsafe slots[$0].expiringCount }
        }
        guard count > 0 else { return nil }
        return shares.randomSlot(&random) { unsafe slots[$0].count }
    }

    /// The key with this hash in a slot.
    public func find(hash: UInt64, inSlot slot: Int) -> Entry? {
        guard let slots = unsafe slots,
            let word = unsafe slots[slot].table.find(hash, where: { unsafe Entry.hash(at: $0) == hash })
        else { return nil }
        return unsafe Entry(Word.address(word.pointee))
    }
}

extension Entry {
    /// The hash of the key: what `Database.find(hash:inSlot:)` finds it by, while the server lives.
    public var keyHash: UInt64 { Hashing.hash(key) }
}
