import Memory

/// `struct`: values of Lua to and from the bytes of C structures, as Redis has it (after a library of Roberto
/// Ierusalimschy, http://www.inf.puc-rio.br/~roberto/struct).
///
/// A format is a row of options: `<` and `>` set the order of bytes, `!n` the largest alignment, `x` is a zero byte;
/// `b B h H l L T i I` are integers, signed in lower case, `i` and `I` with their size behind them; `f` and `d`
/// floating-point numbers; `s` is a string with a zero behind it, `cn` one of n bytes, `c0` one whose length went before.
enum StructLibrary {
    /// `pack(format, value...)`
    static func pack(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.isText(at: 1) else { return .wrongType(1, expected: "string", stack) }
        var format = StructFormat(stack.bytes(at: 1))
        var output = ByteBuffer()
        var argument: Int32 = 2
        // An argument that is missing counts as nil.
        stack.pushNil()
        do throws(StructFormatError) {
            while let option = try format.next() {
                output.appendZeros(format.padding(before: option, at: output.count))
                switch option.kind {
                case .control: continue
                case .padding: output.append(0)
                case .integer, .float, .double:
                    guard stack.isNumeric(at: argument) else {
                        return .wrongType(argument, expected: "number", stack)
                    }
                    output.append(stack.number(at: argument), as: option, isBigEndian: format.isBigEndian)
                    argument += 1
                case .characters, .zeroEnded:
                    guard stack.isText(at: argument) else { return .wrongType(argument, expected: "string", stack) }
                    let text = stack.bytes(at: argument)
                    argument += 1
                    let size = option.size == 0 ? text.byteCount : option.size
                    // Redis counts on before it complains.
                    guard text.byteCount >= size else { return .badArgument(argument, "string too short", stack) }
                    output.append(text.extracting(0..<size))
                    if case .zeroEnded = option.kind { output.append(0) }
                }
                guard stack.mayHold(output.count) else { return .outOfMemory(stack) }
            }
        } catch {
            return error.raise(stack)
        }
        stack.push(output.bytes)
        return .results(1)
    }

    /// `unpack(format, data [, place])`: the values, and the place behind the last one.
    static func unpack(_ stack: LuaStack) -> LuaFunctionResult {
        for argument: Int32 in 1...2 where !stack.isText(at: argument) {
            return .wrongType(argument, expected: "string", stack)
        }
        guard stack.isAbsent(at: 3) || stack.isNumeric(at: 3) else {
            return .wrongType(3, expected: "number", stack)
        }
        let start = stack.isAbsent(at: 3) ? 1 : stack.integer(at: 3)
        guard start > 0 else { return .badArgument(3, "offset must be 1 or greater", stack) }
        stack.setCount(2)
        var format = StructFormat(stack.bytes(at: 1))
        var place = start - 1
        do throws(StructFormatError) {
            while let option = try format.next() {
                try push(option, &place, format, stack)
            }
        } catch {
            return error.raise(stack)
        }
        stack.push(Double(place + 1))
        return .results(stack.count - 2)
    }

    /// Pushes the value at `place` of the data, and moves on behind it.
    private static func push(
        _ option: StructFormat.Option, _ place: inout Int, _ format: borrowing StructFormat, _ stack: LuaStack
    ) throws(StructFormatError) {
        let data = stack.bytes(at: 2)
        place += format.padding(before: option, at: place)
        guard place <= data.byteCount, option.size <= data.byteCount - place else { throw .dataTooShort }
        guard stack.hasRoom(for: 2) else { throw .tooManyResults }
        var size = option.size
        switch option.kind {
        case .control, .padding: break
        case .integer, .float, .double:
            stack.push(data.number(option, at: place, isBigEndian: format.isBigEndian))
        case .characters:
            if size == 0 {
                guard stack.count > 2, stack.isNumeric(at: -1) else { throw .noPreviousSize }
                let previous = stack.number(at: -1)
                guard previous >= 0, previous <= Double(data.byteCount - place) else { throw .dataTooShort }
                size = Int(previous)
                stack.pop()
            }
            stack.push(data.extracting(place..<(place + size)))
        case .zeroEnded:
            guard let end = data.firstIndex(of: 0, from: place) else { throw .unfinishedString }
            stack.push(data.extracting(place..<end))
            size = end + 1 - place
        }
        place += size
    }

    /// `size(format)`: how many bytes `pack` makes of it.
    static func size(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.isText(at: 1) else { return .wrongType(1, expected: "string", stack) }
        var format = StructFormat(stack.bytes(at: 1))
        var size = 0
        do throws(StructFormatError) {
            while let option = try format.next(strict: false) {
                if case .zeroEnded = option.kind { return .badArgument(1, "option 's' has no fixed size", stack) }
                if case .characters = option.kind, option.size == 0 {
                    return .badArgument(1, "option 'c0' has no fixed size", stack)
                }
                size += format.padding(before: option, at: size) + option.size
            }
        } catch {
            return error.raise(stack)
        }
        stack.push(Double(size))
        return .results(1)
    }
}

extension ByteBuffer {
    fileprivate mutating func append(_ number: Double, as option: StructFormat.Option, isBigEndian: Bool) {
        let bits: UInt64 =
            switch option.kind {
            case .float: UInt64(Float(number).bitPattern)
            case .double: number.bitPattern
            default: UInt64(cConversion: number)
            }
        for index in 0..<option.size {
            let digit = isBigEndian ? option.size - 1 - index : index
            append(digit < 8 ? UInt8(truncatingIfNeeded: bits >> UInt64(8 * digit)) : 0)
        }
    }
}

extension RawSpan {
    fileprivate func number(_ option: StructFormat.Option, at place: Int, isBigEndian: Bool) -> Double {
        var bits: UInt64 = 0
        for index in 0..<option.size {
            let digit = isBigEndian ? option.size - 1 - index : index
            if digit < 8 { bits |= UInt64(self[place + index]) << UInt64(8 * digit) }
        }
        switch option.kind {
        case .float: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .double: return Double(bitPattern: bits)
        case .integer(isSigned: true) where option.size < 8 && option.size > 0:
            let unused = UInt64(64 - 8 * option.size)
            return Double(Int64(bitPattern: bits << unused) >> Int64(unused))
        case .integer(isSigned: true): return Double(Int64(bitPattern: bits))
        default: return Double(bits)
        }
    }
}

extension UInt64 {
    /// What C on x86 makes of a number: the whole part, modulo 2^64 where it is negative; what does not fit either is
    /// one of two numbers.
    init(cConversion number: Double) {
        let whole = number.rounded(.towardZero)
        if number < 0 {
            self = UInt64(bitPattern: Int64(exactly: whole) ?? .min)
        } else {
            self = UInt64(exactly: whole) ?? (number.isNaN ? 1 << 63 : 0)
        }
    }
}
