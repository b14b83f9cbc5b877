import Memory

/// `cmsgpack`: values of Lua to and from MessagePack (https://github.com/msgpack/msgpack, spec.md), as Redis 3.2 has it.
///
/// Numbers without a fraction are integers, others `float 32` where nothing is lost. A table whose keys are 1 to n is an
/// array, any other a map; below 16 levels there is nil. There is no way to write `bin` or `ext`, and they are not read.
enum MessagePackLibrary {
    static let constants: [(name: StaticString, text: StaticString)] = [
        ("_NAME", "cmsgpack"), ("_VERSION", "lua-cmsgpack 0.4.0"),
        ("_DESCRIPTION", "MessagePack implementation for Lua"),
    ]

    /// `pack(value...)`: the values, one behind the other.
    static func pack(_ stack: LuaStack) -> LuaFunctionResult {
        let count = stack.count
        guard count > 0 else { return .badArgument(0, "MessagePack pack needs input.", stack) }
        var writer = MessagePackWriter(stack)
        for argument in 1...count {
            guard stack.hasRoom(for: 1) else { return .raise("stack overflow (in function mp_pack)", stack) }
            stack.push(valueAt: argument)
            if let failure = writer.write() { return failure.raise(stack) }
            stack.pop()
        }
        stack.push(writer.output.bytes)
        return .results(1)
    }

    /// `unpack(data)`: every value in it.
    static func unpack(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.isText(at: 1) else { return .wrongType(1, expected: "string", stack) }
        return unpack(stack, limit: nil, from: 0)
    }

    /// `unpack_one(data [, offset])`: where the next value begins, or -1, and a value.
    static func unpackOne(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.isText(at: 1) else { return .wrongType(1, expected: "string", stack) }
        guard stack.isAbsent(at: 2) || stack.isNumeric(at: 2) else {
            return .wrongType(2, expected: "number", stack)
        }
        return unpack(stack, limit: 1, from: stack.isAbsent(at: 2) ? 0 : stack.integer(at: 2))
    }

    /// `unpack_limit(data, limit [, offset])`: the same with up to `limit` values.
    static func unpackLimit(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.isText(at: 1) else { return .wrongType(1, expected: "string", stack) }
        guard stack.isNumeric(at: 2) else { return .wrongType(2, expected: "number", stack) }
        guard stack.isAbsent(at: 3) || stack.isNumeric(at: 3) else {
            return .wrongType(3, expected: "number", stack)
        }
        let offset = stack.isAbsent(at: 3) ? 0 : stack.integer(at: 3)
        // Without a limit and from the start it is `unpack`.
        let limit = stack.integer(at: 2) == 0 && offset == 0 ? nil : stack.integer(at: 2)
        return unpack(stack, limit: limit, from: offset)
    }

    private static func unpack(_ stack: LuaStack, limit: Int?, from offset: Int) -> LuaFunctionResult {
        let length = stack.bytes(at: 1).byteCount
        guard offset >= 0, limit ?? 0 >= 0 else {
            return .raise("Invalid request to unpack with offset of \(offset) and limit of \(length).", stack)
        }
        guard offset <= length else {
            return .raise("Start offset \(offset) greater than input length \(length).", stack)
        }
        stack.setCount(1)
        var reader = MessagePackReader(stack.bytes(at: 1), from: offset, stack)
        if limit != nil { stack.pushNil() }
        var count = 0
        while !reader.isAtEnd, count < limit ?? .max {
            if let failure = reader.push() { return failure.raise(stack) }
            count += 1
        }
        if limit != nil {
            stack.push(Double(reader.isAtEnd ? -1 : reader.place))
            stack.replace(2)
        }
        return .results(stack.count - 1)
    }
}

/// What ends the work on MessagePack.
enum MessagePackFailure {
    case missingBytes, badFormat, nilKey, notANumberKey, tooDeep, outOfMemory, interrupted

    func raise(_ stack: LuaStack) -> LuaFunctionResult {
        switch self {
        case .missingBytes: return .raise("Missing bytes in input.", stack)
        case .badFormat: return .raise("Bad data format in input.", stack)
        case .nilKey:
            stack.push("table index is nil")
            return .raise
        case .notANumberKey:
            stack.push("table index is NaN")
            return .raise
        case .tooDeep:
            return .raise(
                "stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)", stack)
        case .outOfMemory: return .outOfMemory(stack)
        case .interrupted: return .stopped(stack)
        }
    }
}
