import Memory
import SlotStorage

/// A checksum of all keys, values and expiries, the same for the same data whatever their order: DEBUG DIGEST of Redis,
/// byte for byte (`computeDatasetDigest`). It does not see *when* keys expire, only whether. O(data set).
///
/// Keys whose time is over are none, removed or not: so the same data has the same checksum here and after a restart.
struct DatasetDigest {
    private var sum = SHA1.Digest(repeating: 0)

    /// - Parameter now: Unix time in milliseconds; unless it is given no key is over.
    init(of keyspace: borrowing Keyspace, at now: Int64 = .min) {
        let hash = SHA1()
        for number in 0..<keyspace.databaseCount {
            var isEmpty = true
            keyspace[number].forEach { entry in
                if let expiry = entry.expiry, expiry <= now { return }
                if isEmpty { hash.mix(bigEndian: UInt32(number), into: &sum) }
                isEmpty = false
                let digest = Self.digest(of: entry, hash)
                hash.add(digest.bytes, to: &sum)
            }
        }
    }

    /// 40 hexadecimal digits.
    var hexadecimal: String {
        var text = ""
        for index in sum.indices { text += (sum[index] < 16 ? "0" : "") + String(sum[index], radix: 16) }
        return text
    }

    private static func digest(of entry: Entry, _ hash: borrowing SHA1) -> SHA1.Digest {
        var digest = SHA1.Digest(repeating: 0)
        hash.mix(entry.key, into: &digest)
        hash.mix(bigEndian: UInt32(entry.type.rawValue), into: &digest)
        switch entry.type {
        case .string: entry.withString { hash.mix($0, into: &digest) }
        case .set:
            entry.set.forEach { member in member.withBytes { hash.add($0, to: &digest) } }
        case .hash:
            entry.hash.forEach { field, value in
                var pair = SHA1.Digest(repeating: 0)
                hash.mix(field, into: &pair)
                hash.mix(value, into: &pair)
                hash.add(pair.bytes, to: &digest)
            }
        case .sortedSet:
            entry.sortedSet.forEach { member, score in
                var pair = SHA1.Digest(repeating: 0)
                hash.mix(member, into: &pair)
                score.withScoreText { hash.mix($0, into: &pair) }
                hash.add(pair.bytes, to: &digest)
            }
        case .list: entry.list.forEach { hash.mix($0, into: &digest) }
        }
        if entry.expiry != nil { hash.add(StaticString("!!expire!!").bytes, to: &digest) }
        return digest
    }
}

extension SHA1 {
    /// Adds the hash of `bytes` by exclusive or, so that the order of additions does not matter.
    fileprivate func add(_ bytes: RawSpan, to sum: inout Digest) {
        let addend = digest(of: bytes)
        for index in sum.indices { sum[index] ^= addend[index] }
    }

    /// Adds `bytes` such that the order matters.
    fileprivate func mix(_ bytes: RawSpan, into sum: inout Digest) {
        add(bytes, to: &sum)
        sum = digest(of: sum.bytes)
    }

    fileprivate func mix(bigEndian number: UInt32, into sum: inout Digest) {
        let bytes: [4 of UInt8] = [
            UInt8(truncatingIfNeeded: number >> 24), UInt8(truncatingIfNeeded: number >> 16),
            UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number),
        ]
        mix(bytes.bytes, into: &sum)
    }
}
