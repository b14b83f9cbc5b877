/// What is not a zlib stream.
struct BadZlib: Error {}

/// Unpacks a zlib stream (RFC 1950 around RFC 1951), without looking at its checksum. Recordings hold their large
/// values packed; speed does not matter here.
func inflateZlib(_ packed: Bytes) throws -> Bytes {
    guard packed.count > 2, packed[0] & 15 == 8, packed[1] & 32 == 0 else { throw BadZlib() }
    var inflater = Inflater(input: packed, position: 2)
    return try inflater.run()
}

private struct Inflater {
    let input: Bytes
    var position: Int
    var held: UInt32 = 0
    var heldBits = 0
    var output = Bytes()

    init(input: Bytes, position: Int) {
        self.input = input
        self.position = position
    }

    mutating func run() throws -> Bytes {
        var last = false
        while !last {
            last = try bits(1) == 1
            switch try bits(2) {
            case 0: try stored()
            case 1: try compressed(.fixedLiterals, .fixedDistances)
            case 2: try dynamic()
            default: throw BadZlib()
            }
        }
        return output
    }

    mutating func bits(_ count: Int) throws -> Int {
        while heldBits < count {
            guard position < input.count else { throw BadZlib() }
            held |= UInt32(input[position]) << UInt32(heldBits)
            heldBits += 8
            position += 1
        }
        let value = held & ((1 << UInt32(count)) - 1)
        held >>= UInt32(count)
        heldBits -= count
        return Int(value)
    }

    mutating func stored() throws {
        held = 0
        heldBits = 0
        guard position + 4 <= input.count else { throw BadZlib() }
        let count = Int(input[position]) | Int(input[position + 1]) << 8
        position += 4
        guard position + count <= input.count else { throw BadZlib() }
        output += input[position..<position + count]
        position += count
    }

    mutating func dynamic() throws {
        let literalCount = try bits(5) + 257
        let distanceCount = try bits(5) + 1
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
        var codeLengths = [Int](repeating: 0, count: 19)
        for index in 0..<(try bits(4) + 4) { codeLengths[order[index]] = try bits(3) }
        let codes = Huffman(lengths: codeLengths)
        var lengths: [Int] = []
        while lengths.count < literalCount + distanceCount {
            switch try symbol(codes) {
            case let length where length < 16: lengths.append(length)
            case 16:
                guard let previous = lengths.last else { throw BadZlib() }
                lengths += Array(repeating: previous, count: 3 + (try bits(2)))
            case 17: lengths += Array(repeating: 0, count: 3 + (try bits(3)))
            default: lengths += Array(repeating: 0, count: 11 + (try bits(7)))
            }
        }
        try compressed(
            Huffman(lengths: Array(lengths[..<literalCount])), Huffman(lengths: Array(lengths[literalCount...])))
    }

    mutating func compressed(_ literals: Huffman, _ distances: Huffman) throws {
        let lengthBase = [
            3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
            227,
            258,
        ]
        let lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
        while true {
            let code = try symbol(literals)
            if code == 256 { return }
            if code < 256 {
                output.append(UInt8(code))
                continue
            }
            guard code - 257 < lengthBase.count else { throw BadZlib() }
            let length = lengthBase[code - 257] + (try bits(lengthExtra[code - 257]))
            let distanceCode = try symbol(distances)
            guard distanceCode < 30 else { throw BadZlib() }
            // Codes come in pairs, each pair twice as far apart and with one more extra bit than the one before.
            let extra = max(0, distanceCode / 2 - 1)
            let base = distanceCode < 4 ? distanceCode + 1 : ((2 + distanceCode % 2) << extra) + 1
            let start = output.count - base - (try bits(extra))
            guard start >= 0 else { throw BadZlib() }
            for index in start..<start + length { output.append(output[index]) }
        }
    }

    mutating func symbol(_ codes: Huffman) throws -> Int {
        var code = 0
        var first = 0
        var index = 0
        for length in 1...15 {
            code |= try bits(1)
            let count = codes.counts[length]
            if code - count < first { return codes.symbols[index + code - first] }
            index += count
            first = (first + count) << 1
            code <<= 1
        }
        throw BadZlib()
    }
}

/// A canonical Huffman code, given by the length of each symbol's code.
private struct Huffman {
    var counts = [Int](repeating: 0, count: 16)
    var symbols: [Int] = []

    init(lengths: [Int]) {
        for length in lengths where length > 0 { counts[length] += 1 }
        for length in 1...15 { symbols += lengths.indices.filter { lengths[$0] == length } }
    }

    static let fixedLiterals = Huffman(
        lengths: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
    static let fixedDistances = Huffman(lengths: Array(repeating: 5, count: 30))
}
