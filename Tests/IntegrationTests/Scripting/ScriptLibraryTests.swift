import Foundation
import Testing
import TestSupport

extension IntegrationTests.ScriptTests {
    /// The libraries of scripts with random input, sensible and not, beside Redis 3.2.6.
    ///
    /// `SCRIPT_SEED` and `SCRIPT_CASES` choose other input than usual.
    @Suite struct LibraryTests {
        /// Shows a value in full: numbers with all their digits, tables in the order of their keys.
        private static let show = """
            local function show(v)
                local t = type(v)
                if t == 'number' then return string.format('%.17g', v) end
                if t == 'string' then return '"' .. v .. '"' end
                if t ~= 'table' then return tostring(v) end
                local parts = {}
                for k, e in pairs(v) do parts[#parts + 1] = show(k) .. '=' .. show(e) end
                table.sort(parts)
                return '{' .. table.concat(parts, ';') .. '}'
            end

            """

        /// What is done with the arguments of a case.
        private enum Form: String, CaseIterable {
            case unpackStruct = "return show({pcall(struct.unpack, ARGV[1], ARGV[2])})"
            case packStruct = "return show({pcall(struct.pack, ARGV[1], unpack(ARGV, 2))})"
            case sizeOfStruct = "return show({pcall(struct.size, ARGV[1])})"
            case unpack = "return show({pcall(cmsgpack.unpack, ARGV[1])})"
            // The order of tables as keys is chance.
            case roundTrip = """
                local function plain(v)
                    if type(v) ~= 'table' then return true end
                    for k, e in pairs(v) do if type(k) == 'table' or not plain(e) then return false end end
                    return true
                end
                local ok, v = pcall(cmsgpack.unpack, ARGV[1])
                return ok and plain(v) and cmsgpack.pack(v) or show(v)
                """
            case decode = "return show({pcall(cjson.decode, ARGV[1])})"
            case jsonRoundTrip = "local ok, v = pcall(cjson.decode, ARGV[1]) return ok and cjson.encode(v) or show(v)"
            case find = "return show({pcall(string.find, ARGV[1], ARGV[2])})"
            case match = "return show({pcall(string.match, ARGV[1], ARGV[2])})"
            case replace = "return show({pcall(string.gsub, ARGV[1], ARGV[2], ARGV[3])})"
            case replaceByFunction =
                "return show({pcall(string.gsub, ARGV[1], ARGV[2], function(a, b) if b then return a .. b end end)})"
            case replaceByTable = "return show({pcall(string.gsub, ARGV[1], ARGV[2], {a = 'A', b = false, ab = 1})})"
            case matches =
                "local t = {} local ok, e = pcall(function() for a, b in string.gmatch(ARGV[1], ARGV[2]) do t[#t + 1] = {a, b} end end) return show(t) .. show(e)"
            case sort =
                "local t = {} for w in ARGV[1]:gmatch('.') do t[#t + 1] = w end table.sort(t) return table.concat(t)"
            case bit =
                "local a, b = tonumber(ARGV[1]), tonumber(ARGV[2]) return show({bit.band(a, b), bit.bxor(a, b), bit.rol(a, b), bit.arshift(a, b), bit.tohex(a, 5)})"
        }

        private static func arguments(of form: Form, _ random: inout SeededGenerator) -> [Bytes] {
            switch form {
            case .unpackStruct: [format(&random), bytes(40, &random)]
            case .packStruct: [format(&random)] + (0..<8).map { _ in number(&random) }
            case .sizeOfStruct: [format(&random)]
            case .unpack, .roundTrip: [messagePack(&random)]
            case .decode, .jsonRoundTrip: [json(&random)]
            case .find, .match, .matches, .replaceByFunction, .replaceByTable: [text(&random), pattern(&random)]
            case .replace: [text(&random), pattern(&random), replacement(&random)]
            case .sort: [bytes(30, &random)]
            case .bit: [number(&random), number(&random)]
            }
        }

        @Test("the same results and errors")
        func sameAsRedis() throws {
            let seed = Package.environment("SCRIPT_SEED").flatMap(UInt64.init) ?? 20_261
            let count = Package.environment("SCRIPT_CASES").flatMap(Int.init) ?? 6000
            var random = SeededGenerator(seed: seed)
            let model = try ServerProcess.start(.redis3_2)
            let theirs = try model.connect()
            try withServer { server in
                let ours = try server.connect()
                var reported = 0
                for number in 0..<count {
                    let form = random.pick(Form.allCases)
                    let words =
                        ["EVAL", Self.show + form.rawValue, "0"].map { Bytes(text: $0) }
                        + Self.arguments(of: form, &random)
                    let (found, expected) = try (ours.call(words), theirs.call(words))
                    if found == expected { continue }
                    let shown = words.dropFirst(3).map { $0.shown() }.joined(separator: " ")
                    Issue.record("case \(number), \(form.rawValue) \(shown)\n  ours: \(found)\n  Redis: \(expected)")
                    reported += 1
                    if reported == 10 { break }
                }
            }
            try model.stop()
        }

        // MARK: Input

        private static func bytes(_ most: Int, _ random: inout SeededGenerator) -> Bytes {
            (0..<Int.random(in: 0...most, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }

        /// A format of `struct`. Integers are not of sizes for which the real library shifts by more than there is, and
        /// `c0` comes behind a number that is not negative, without which Redis ends.
        private static func format(_ random: inout SeededGenerator) -> Bytes {
            let options = [
                "b", "B", "h", "H", "l", "L", "T", "i", "I", "f", "d", "x", "s", "c", " ", "<", ">", "!", "i1", "i2",
                "i3",
                "I5", "i7", "I8", "i16", "I16", "c3", "c12", "!1", "!2", "!4", "!8", "!16", "Bc0", "i0", "!3", "i33",
                "z",
                "c99999999999",
            ]
            let parts = (0..<Int.random(in: 0...6, using: &random)).map { _ in random.pick(options) }
            return Bytes(text: parts.joined())
        }

        private static func number(_ random: inout SeededGenerator) -> Bytes {
            let odd = [
                "0", "1", "-1", "127", "128", "-129", "65536", "4294967295", "4294967296", "9007199254740993", "1e15",
                "-2147483649", "0.5", "-0.1", "3.25", "x", "",
            ]
            if random.once(in: 2) { return Bytes(text: random.pick(odd)) }
            return Bytes(text: String(Int.random(in: -100_000...100_000, using: &random)))
        }

        /// MessagePack, some of it spoilt. Without `uint 64`, which that Redis reads as signed.
        private static func messagePack(_ random: inout SeededGenerator) -> Bytes {
            var out = value(depth: 0, &random)
            if random.once(in: 3), !out.isEmpty {
                out[Int.random(in: 0..<out.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if random.once(in: 8) { out = Bytes(out.dropLast()) }
            return out.map { $0 == 0xcf ? 0xce : $0 }
        }

        private static func value(depth: Int, _ random: inout SeededGenerator) -> Bytes {
            func some(_ count: Int) -> Bytes { (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
            func values(_ count: Int) -> Bytes {
                var out: Bytes = []
                for _ in 0..<count { out += value(depth: depth + 1, &random) }
                return out
            }
            switch Int.random(in: 0..<(depth < 3 ? 16 : 11), using: &random) {
            case 0: return [UInt8.random(in: 0...127, using: &random)]
            case 1: return [UInt8.random(in: 0xe0...0xff, using: &random)]
            case 2: return [random.pick([0xc0, 0xc2, 0xc3])]
            case 3: return [0xcc] + some(1)
            case 4: return [0xcd] + some(2)
            case 5: return [0xce] + some(4)
            case 6: return [0xd0] + some(1)
            case 7: return [0xd2] + some(4)
            case 8: return [0xd3] + some(8)
            case 9: return random.once(in: 2) ? [0xca] + some(4) : [0xcb] + some(8)
            case 10, 11:
                let count = Int.random(in: 0...5, using: &random)
                return [random.once(in: 2) ? 0xa0 | UInt8(count) : 0xd9] + some(count)
            case 12, 13:
                let count = Int.random(in: 0...4, using: &random)
                return [0x90 | UInt8(count)] + values(count)
            case 14: return [0xdc, 0, 2] + values(2)
            default:
                let count = Int.random(in: 0...3, using: &random)
                return [0x80 | UInt8(count)] + values(2 * count)
            }
        }

        private static func json(_ random: inout SeededGenerator) -> Bytes {
            let parts = [
                "[", "]", "{", "}", ",", ":", "\"a\"", "\"\\u00e9\\n\"", "\"\\ud83d\\ude00\"", "1", "-0.5", "1e3",
                "1e999",
                "true", "false", "null", "NaN", " ", "\"", "\\", "[1,2,3]", "{\"x\":[]}", "{\"1\":{\"y\":null}}", "tru",
                "01",
            ]
            let sound = [
                "[1,[2,[3]],{\"a\":null,\"b\":[true,false]}]", "{\"k\":\"v\",\"n\":-12.25,\"e\":1e-7}", "[]", "{}",
                "[[],{}]",
                "\"text\"", "12345678901234567890", "[0.1,100000000000000,1e100]", "{\"10\":1,\"2\":{\"3\":[4]}}",
            ]
            if random.once(in: 3) { return Bytes(text: random.pick(sound)) }
            return Bytes(
                text: (0..<Int.random(in: 0...8, using: &random)).map { _ in random.pick(parts) }.joined())
        }

        private static func text(_ random: inout SeededGenerator) -> Bytes {
            let letters = Bytes(text: "aaabbb12 .()%-\n\u{0}")
            return (0..<Int.random(in: 0...12, using: &random)).map { _ in random.pick(letters) }
        }

        private static func pattern(_ random: inout SeededGenerator) -> Bytes {
            let items = [
                "a", "b", "1", ".", "%a", "%d", "%s", "%W", "%%", "%.", "[ab]", "[^a]", "[a-b1]", "[%d-]", "[]a]",
                "[^]a]",
                "*", "+", "-", "?", "(", ")", "()", "%1", "%2", "%b()", "%bab", "%f[a]", "%f[^%w]", "^", "$", "%z", "%",
                "[",
                "[a-", "[%", "%b", "%f", "\u{0}",
            ]
            return Bytes(text: (0..<Int.random(in: 0...6, using: &random)).map { _ in random.pick(items) }.joined())
        }

        private static func replacement(_ random: inout SeededGenerator) -> Bytes {
            let items = ["x", "%0", "%1", "%2", "%9", "%%", "%", "%a", "-"]
            return Bytes(text: (0..<Int.random(in: 0...3, using: &random)).map { _ in random.pick(items) }.joined())
        }
    }
}
