internal import Memory

/// The grammar of RDB files of versions 1 to 12: header, operations, keys with their values.
///
///     9 bytes   "REDIS" and the version in four decimal digits
///     for each: a byte that is an operation with its arguments, or the type of a value with key and value
///     1 byte    255, the end
///
/// It reads from whatever part of the file is there and goes on where it was when more has come.
struct RDBFileParser: ~Copyable {
    /// What was read.
    enum Item {
        case nothing
        /// A remark of the writer: its name is ``key``, its value ``text``.
        case remark
        /// A key with a string that is in ``text``, its name in ``key``.
        case string
        case value(Value)
        case end
    }

    private let limits: EncodingLimits
    private let databaseCount: Int
    private(set) var version = 0
    /// Where the keys go, unless an operation says otherwise.
    private(set) var database = 0
    /// When the key that comes ends, in Unix milliseconds.
    private(set) var expiry: Int64?
    /// The name of the key that is read, or was read last.
    private(set) var key = ByteBuffer()
    private(set) var text = ByteBuffer()
    /// Whether the name of a key was read and its value was not.
    private(set) var isInKey = false
    /// The value of the key, while it comes part by part.
    private var collection: RDBCollection?
    /// The same for a long string.
    private var longString: RDBLongString?

    /// Whether something was read that means nothing without what comes next.
    var isWithin: Bool { collection != nil || longString != nil || expiry != nil }

    /// Parts of a collection that are read in one step.
    private static var partsAtOnce: Int { 256 }
    /// Strings up to this length go to the ``text``: they are kept behind their key.
    private static var longestText: Int { Entry.Header.longestInlineValue }

    init(databaseCount: Int, limits: EncodingLimits) {
        self.databaseCount = databaseCount
        self.limits = limits
    }

    /// Reads the next thing, or a good part of it.
    mutating func next(_ reader: inout RDBReader) throws(RDBError) -> Item {
        if collection != nil { return try readParts(&reader) }
        if longString != nil { return try readMore(&reader) }
        guard version > 0 else {
            version = try Self.readHeader(&reader)
            return .nothing
        }
        isInKey = false
        let byte = try reader.readByte()
        if let operation = Operation(rawValue: byte), version >= operation.firstVersion {
            return try run(operation, &reader)
        }
        return try readKey(try readType(byte, &reader), &reader)
    }

    /// The type that a byte means; what is refused by its name is refused with the key that has it.
    private mutating func readType(_ byte: UInt8, _ reader: inout RDBReader) throws(RDBError) -> RDBType {
        do throws(RDBError) {
            return try RDBType(byte, version: version)
        } catch {
            if case .unsupported = error { try readName(&reader) }
            throw error
        }
    }

    private static func readHeader(_ reader: inout RDBReader) throws(RDBError) -> Int {
        let header = try reader.take(9)
        guard header.extracting(0..<5).elementsEqual(StaticString("REDIS").bytes) else { throw .badMagic }
        var version = 0
        for index in 5..<9 {
            let digit = header[index] &- UInt8(ascii: "0")
            guard digit < 10 else { throw .badMagic }
            version = 10 * version + Int(digit)
        }
        guard (1...RDBReader.newestVersion).contains(version) else { throw .unsupportedVersion(version) }
        return version
    }

    // MARK: Keys

    private mutating func readKey(_ type: RDBType, _ reader: inout RDBReader) throws(RDBError) -> Item {
        try readName(&reader)
        guard !type.isCounted else {
            collection = RDBCollection(type, count: try reader.readLength(), limits: limits)
            reader.take()
            return try readParts(&reader)
        }
        guard type == .string else { return .value(try reader.readWhole(type, limits: limits)) }
        if let length = try reader.readLengthOfLongString(over: RDBLongString.leastLength) {
            longString = RDBLongString(length: length)
            reader.take()
            return try readMore(&reader)
        }
        text.removeAll()
        guard let value = try reader.readString(shortInto: &text, upTo: Self.longestText) else { return .string }
        return .value(value)
    }

    private mutating func readName(_ reader: inout RDBReader) throws(RDBError) {
        key.removeAll()
        try reader.readString(into: &key)
        isInKey = true
    }

    private mutating func readParts(_ reader: inout RDBReader) throws(RDBError) -> Item {
        try collection?.read(from: &reader, atMost: Self.partsAtOnce)
        guard collection?.remaining == 0, var whole = collection.take() else { return .nothing }
        return .value(try whole.finish())
    }

    private mutating func readMore(_ reader: inout RDBReader) throws(RDBError) -> Item {
        try reader.checkForMore()
        guard longString?.read(from: &reader) == true, var whole = longString.take() else { return .nothing }
        return .value(whole.finish())
    }

    /// Notes that the key that was read last has been taken care of.
    mutating func endKey() {
        expiry = nil
        isInKey = false
    }

    // MARK: Operations

    /// Bytes that are no type of a value.
    enum Operation: UInt8 {
        case slotInformation = 244
        case functions = 245
        case earlyFunctions = 246
        case moduleData = 247
        case idleTime = 248
        case frequency = 249
        case remark = 250
        case sizes = 251
        case expiryInMilliseconds = 252
        case expiryInSeconds = 253
        case database = 254
        case end = 255

        /// The version of the format that the operation came with.
        var firstVersion: Int {
            switch self {
            case .slotInformation: 12
            case .functions, .earlyFunctions: 10
            case .moduleData, .idleTime, .frequency: 9
            case .remark, .sizes: 7
            case .expiryInMilliseconds, .expiryInSeconds, .database, .end: 1
            }
        }
    }

    private mutating func run(_ operation: Operation, _ reader: inout RDBReader) throws(RDBError) -> Item {
        switch operation {
        case .expiryInMilliseconds:
            expiry = Int64(bitPattern: try reader.readLittleEndian(8))
            return .nothing
        case .expiryInSeconds:
            expiry = Int64(Int32(truncatingIfNeeded: try reader.readLittleEndian(4))) * 1000
            return .nothing
        case .idleTime:
            _ = try reader.readLength()
            return .nothing
        case .frequency:
            _ = try reader.readByte()
            return .nothing
        default: break
        }
        // Everything else does not stand between a time of expiry and its key.
        guard expiry == nil else { throw .strayExpiry }
        switch operation {
        case .database:
            let number = try reader.readLength()
            guard number < databaseCount else { throw .noSuchDatabase(number) }
            database = number
        case .remark:
            key.removeAll()
            text.removeAll()
            try reader.readString(into: &key)
            try reader.readString(into: &text)
            return .remark
        case .sizes:
            // How large tables are going to be: they grow smoothly here.
            for _ in 0..<2 { _ = try reader.readLength() }
        case .slotInformation:
            for _ in 0..<3 { _ = try reader.readLength() }
        case .moduleData: throw .unsupported(.module(UInt64(try reader.readLength())))
        case .functions, .earlyFunctions: throw .unsupported(.functions)
        default: return .end
        }
        return .nothing
    }
}
