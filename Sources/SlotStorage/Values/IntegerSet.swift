internal import Memory

/// Distinct integers in ascending order in one allocation: Redis' intset, byte for byte.
///
///     4 bytes   bytes of each integer: 2, 4 or 8
///     4 bytes   number of integers
///     n bytes   the integers
///
/// All is little-endian. The integers get wider when one comes that needs it and stay so. Finding is O(log n), changing
/// O(n). A handle with manual ownership, as `CompactList`.
@safe
struct IntegerSet: BitwiseCopyable {
    private var base: UnsafeMutableRawPointer

    private static let headerSize = 8

    private init(_ base: UnsafeMutableRawPointer) { unsafe self.base = base }

    /// The set whose address a `Value` holds.
    init(payload: UInt64) {
        guard let base = unsafe UnsafeMutableRawPointer(bitPattern: UInt(payload)) else {
            preconditionFailure("an integer set without an address")
        }
        self = unsafe IntegerSet(base)
    }

    /// The address, for a `Value` to hold.
    var payload: UInt64 { unsafe UInt64(UInt(bitPattern: base)) }

    /// An empty set.
    static func make() -> IntegerSet {
        let set = unsafe IntegerSet(Heap.allocate(headerSize))
        set.width = 2
        set.count = 0
        return set
    }

    /// A copy of bytes that ``isValid(_:)`` accepts. O(n).
    static func make(copying bytes: RawSpan) -> IntegerSet {
        let set = unsafe IntegerSet(Heap.allocate(bytes.byteCount))
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe set.base.copyMemory(from: start, byteCount: source.count)
        }
        return set
    }

    /// Whether `bytes` are a set as Redis could have written it: the sizes fit and the integers ascend. O(n); reads
    /// nothing outside `bytes`.
    static func isValid(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount >= headerSize else { return false }
        let width = Int(truncatingIfNeeded: integer(bytes, at: 0, width: 4) & 0xffff_ffff)
        let count = Int(truncatingIfNeeded: integer(bytes, at: 4, width: 4) & 0xffff_ffff)
        guard width == 2 || width == 4 || width == 8, bytes.byteCount == headerSize + count * width else {
            return false
        }
        for index in 1..<max(count, 1) {
            let offset = headerSize + index * width
            let previous = integer(bytes, at: offset - width, width: width)
            guard previous < integer(bytes, at: offset, width: width) else { return false }
        }
        return true
    }

    func free() { unsafe Heap.free(base, byteCount) }

    /// All bytes, the header included.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(RawSpan(_unsafeStart: base, byteCount: byteCount), borrowing: self) }
    }

    var byteCount: Int { Self.headerSize + count * width }

    /// The number of integers. O(1).
    private(set) var count: Int {
        get { unsafe Int(UInt32(littleEndian: base.load(fromByteOffset: 4, as: UInt32.self))) }
        nonmutating set {
            unsafe base.storeBytes(of: UInt32(newValue).littleEndian, toByteOffset: 4, as: UInt32.self)
        }
    }

    /// Bytes of each integer.
    private var width: Int {
        get { unsafe Int(UInt32(littleEndian: base.load(as: UInt32.self))) }
        nonmutating set { unsafe base.storeBytes(of: UInt32(newValue).littleEndian, as: UInt32.self) }
    }

    /// The integer at `index` in ascending order. O(1).
    subscript(index: Int) -> Int64 {
        precondition(index >= 0 && index < count, "integer set index out of range")
        return load(index, width: width)
    }

    /// O(log n).
    func contains(_ number: Int64) -> Bool {
        let index = insertionIndex(of: number)
        return index < count && self[index] == number
    }

    /// Adds a number; `false` when it is there already. O(n).
    mutating func insert(_ number: Int64) -> Bool {
        let count = self.count
        let index = insertionIndex(of: number)
        if index < count, self[index] == number { return false }
        let oldWidth = width
        let newWidth = max(oldWidth, Self.width(for: number))
        reallocate(to: Self.headerSize + (count + 1) * newWidth)
        if newWidth == oldWidth {
            move(count - index, from: index, to: index + 1)
        } else {
            // A number that is wider than all others is the first or the last. From the back, as each overlaps the
            // next.
            for old in stride(from: count - 1, through: 0, by: -1) {
                store(load(old, width: oldWidth), at: old < index ? old : old + 1, width: newWidth)
            }
            width = newWidth
        }
        store(number, at: index, width: newWidth)
        self.count = count + 1
        return true
    }

    /// Removes a number; `false` when it is not there. O(n).
    mutating func remove(_ number: Int64) -> Bool {
        let count = self.count
        let index = insertionIndex(of: number)
        guard index < count, self[index] == number else { return false }
        move(count - index - 1, from: index + 1, to: index)
        reallocate(to: byteCount - width)
        self.count = count - 1
        return true
    }

    /// The index of the first integer that is not below `number`. O(log n), O(1) for numbers below or above all.
    private func insertionIndex(of number: Int64) -> Int {
        let width = self.width
        var low = 0
        var high = count
        if high == 0 || number > load(high - 1, width: width) { return high }
        while low < high {
            let middle = (low + high) / 2
            if load(middle, width: width) < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func width(for number: Int64) -> Int {
        if Int16(exactly: number) != nil { return 2 }
        return Int32(exactly: number) != nil ? 4 : 8
    }

    /// To be called while the header still tells the old size.
    private mutating func reallocate(to newSize: Int) {
        if Heap.usableSize(for: newSize) != Heap.usableSize(for: byteCount) {
            unsafe base = Heap.reallocate(base, newSize)
        }
    }

    private func move(_ length: Int, from source: Int, to target: Int) {
        let start = unsafe base + Self.headerSize
        unsafe (start + target * width).copyMemory(from: start + source * width, byteCount: length * width)
    }

    @inline(__always)
    private func load(_ index: Int, width: Int) -> Int64 {
        let offset = Self.headerSize + index * width
        switch width {
        case 2: return unsafe Int64(Int16(littleEndian: base.load(fromByteOffset: offset, as: Int16.self)))
        case 4: return unsafe Int64(Int32(littleEndian: base.load(fromByteOffset: offset, as: Int32.self)))
        default: return unsafe Int64(littleEndian: base.load(fromByteOffset: offset, as: Int64.self))
        }
    }

    private func store(_ number: Int64, at index: Int, width: Int) {
        let offset = Self.headerSize + index * width
        switch width {
        case 2: unsafe base.storeBytes(of: Int16(number).littleEndian, toByteOffset: offset, as: Int16.self)
        case 4: unsafe base.storeBytes(of: Int32(number).littleEndian, toByteOffset: offset, as: Int32.self)
        default: unsafe base.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Int64.self)
        }
    }

    private static func integer(_ bytes: RawSpan, at offset: Int, width: Int) -> Int64 {
        var bits: UInt64 = 0
        for index in 0..<width { bits |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
        let unused = Int64(64 - 8 * width)
        return (Int64(bitPattern: bits) << unused) >> unused
    }
}
