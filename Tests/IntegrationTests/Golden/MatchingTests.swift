import Foundation
import Testing

/// The judge must be able to condemn: each kind of match with a reply that is right and one that is wrong.
@Suite struct MatchingTests {
    /// An expectation as a recording writes it.
    private func expected(_ json: String) throws -> ExpectedReply {
        try JSONDecoder().decode(ExpectedReply.self, from: Data(json.utf8))
    }

    private func step(_ json: String) throws -> Recording.Step {
        try JSONDecoder().decode(Recording.Step.self, from: Data(json.utf8))
    }

    @Test(arguments: [
        (#"{"status": "OK"}"#, "+OK\r\n", "$2\r\nOK\r\n"),
        (#"{"int": 3}"#, ":3\r\n", ":4\r\n"),
        (#"{"bulk": null}"#, "$-1\r\n", "*-1\r\n"),
        (#"{"bulk": "\u00ff"}"#, "$1\r\n\u{ff}\r\n", "$2\r\n\u{c3}\u{bf}\r\n"),
        (#"{"array": null}"#, "*-1\r\n", "*0\r\n"),
        (#"{"array": []}"#, "*0\r\n", "*1\r\n:1\r\n"),
        (
            #"{"array": [{"int": 1}, {"int": 5, "match": "int-range", "range": [4, 6]}]}"#, "*2\r\n:1\r\n:6\r\n",
            "*2\r\n:1\r\n:7\r\n"
        ),
        (#"{"int": 5, "match": "int-range", "range": [4, 6]}"#, ":4\r\n", "$1\r\n4\r\n"),
        (#"{"bulk": "5", "match": "int-range", "range": [4, 6]}"#, "$1\r\n4\r\n", "$1\r\n7\r\n"),
        (#"{"error": "ERR no", "match": "code"}"#, "-ERR other\r\n", "-WRONG no\r\n"),
        (#"{"error": "ERR no", "match": "prefix"}"#, "-ERR nothing\r\n", "-ERR yes\r\n"),
        (#"{"error": "ERR no", "match": "type"}"#, "-X\r\n", "+X\r\n"),
        (#"{"bulk": "1.50", "match": "number"}"#, "$3\r\n1.5\r\n", "$3\r\n1.6\r\n"),
        (#"{"array": [{"int": 1}, {"int": 2}], "match": "unordered"}"#, "*2\r\n:2\r\n:1\r\n", "*2\r\n:2\r\n:2\r\n"),
        (
            #"{"array": [{"bulk": "a"}, {"bulk": "1"}, {"bulk": "b"}, {"bulk": "2"}], "match": "pairs"}"#,
            "*4\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\na\r\n$1\r\n1\r\n", "*4\r\n$1\r\nb\r\n$1\r\n1\r\n$1\r\na\r\n$1\r\n2\r\n"
        ),
        (#"{"oneof": [{"int": 0}, {"error": "IOERR ", "match": "prefix"}]}"#, "-IOERR x\r\n", ":1\r\n"),
        // zlib of `$3\r\nabc\r\n`, as Python's zlib.compress writes it.
        (#"{"zresp": "eJxTMeblSkxK5uUCAAg2Aaw="}"#, "$3\r\nabc\r\n", "$3\r\nabd\r\n"),
    ])
    func kinds(_ json: String, _ right: String, _ wrong: String) throws {
        let expectation = try expected(json)
        #expect(try expectation.mismatch(parsed(right)) == nil)
        #expect(try expectation.mismatch(parsed(wrong)) != nil)
    }

    private func parsed(_ text: String) throws -> Reply {
        var parser = ReplyParser()
        parser.append(text.unicodeScalars.map { UInt8($0.value) })
        return try #require(try parser.next()).reply
    }

    @Test("anything is allowed by `any`, also instead of an array")
    func anything() throws {
        #expect(try expected(#"{"array": [], "match": "any"}"#).mismatch(.integer(1)) == nil)
    }

    @Test("the step's kind of match is for the reply, not for the items of an array")
    func inheritance() throws {
        let expectation = try expected(#"{"array": [{"bulk": "a"}]}"#)
        #expect(try expectation.mismatch(.array([.bulk("b")]), step: (.type, nil)) == nil)
        #expect(try expectation.mismatch(.array([.bulk("ab")])) != nil)
        #expect(try expected(#"{"bulk": "a"}"#).mismatch(.bulk("ab"), step: (.prefix, nil)) == nil)
    }

    @Test("where versions disagree, the reply of each is right and no third one")
    func versions() throws {
        let step = try step(#"{"send": ["X"], "expect": {"int": 1}, "differs": {"other": {"int": 2}}}"#)
        let expectation = try #require(step.expectation)
        #expect(try [1, 2, 3].map { try expectation.mismatch(.integer($0)) == nil } == [true, true, false])
    }

    @Test("placeholders, and what is not known")
    func placeholders() throws {
        #expect(try ByteForm.text("a${X_PORT}b").bytes(["X_PORT": "17"]) == Bytes(text: "a17b"))
        #expect(throws: BadRecording.self) { try ByteForm.text("${NO}").bytes() }
        #expect(throws: BadRecording.self) { try ByteForm.text("\u{100}").bytes() }
    }

    @Test("arguments that stand for many")
    func sequences() throws {
        let step = try step(#"{"send": ["MSET", {"seq": ["k%d", "v", 0, 2]}, {"repeat": ["ab", 2]}, {"b64": "AP8="}]}"#)
        let words = try (step.send ?? []).flatMap { try $0.expanded([:]) }
        let texts = ["MSET", "k0", "v", "k1", "v", "abab"].map { Bytes(text: $0) }
        #expect(words == texts + [[0, 255]])
    }

    @Test("payloads of one value, packed in two ways, are the same; a broken one is not")
    func payloads() throws {
        let asText = DumpedValue.payload(ofString: Bytes(text: "1"))
        // A string that is a number is packed as one byte.
        let asNumber = DumpedValue.sealed([0, 0xC0, 1])
        #expect(asNumber == [0, 0xC0, 1, 6, 0, 0xB0, 0x95, 0x8F, 0x36, 0x24, 0x54, 0x2D, 0x6F])
        let expectation = ExpectedReply(shape: .bulk(.base64(Data(asText).base64EncodedString())), match: .payload)
        #expect(try expectation.mismatch(.bulk(asNumber)) == nil)
        #expect(try expectation.mismatch(.bulk(DumpedValue.sealed([0, 0xC0, 2]))) != nil)
        #expect(try expectation.mismatch(.bulk(asNumber.dropLast() + [0])) != nil)
    }

    @Test("a list as ziplist and as plain strings; a set as integers and as strings")
    func encodings() throws {
        let ziplist: Bytes = [17, 0, 0, 0, 13, 0, 0, 0, 3, 0, 0, 0xF2, 2, 1, 97, 3, 0xFE, 200, 255]
        let list = try DumpedValue(payload: DumpedValue.sealed([10, UInt8(ziplist.count)] + ziplist))
        #expect(list == .list([Bytes(text: "1"), Bytes(text: "a"), Bytes(text: "-56")]))
        let intset: Bytes = [2, 0, 0, 0, 2, 0, 0, 0, 0xFF, 0xFF, 7, 0]
        let set = try DumpedValue(payload: DumpedValue.sealed([11, UInt8(intset.count)] + intset))
        #expect(set == .set([Bytes(text: "-1"), Bytes(text: "7")]))
    }

    @Test("where an encoding of Redis 3.2 was recorded, that of 2.8 is right, too")
    func laterEncodings() throws {
        let list = try step(#"{"send": ["OBJECT", "ENCODING", "k"], "expect": {"bulk": "quicklist"}}"#)
        #expect(try list.mismatch(.reply(.bulk("linkedlist")), [:]) == nil)
        #expect(try list.mismatch(.reply(.bulk("raw")), [:]) != nil)
        let value = try step(#"{"send": ["GET", "k"], "expect": {"bulk": "quicklist"}}"#)
        #expect(try value.mismatch(.reply(.bulk("linkedlist")), [:]) != nil)
    }

    @Test("the same streams of restore commands, cut differently")
    func streams() throws {
        func stream(_ lines: String...) throws -> RestoreStream {
            try RestoreStream(lines.map { $0.split(separator: " ").map { Bytes(text: String($0)) } })
        }
        let select = "SLOTSRESTORE-ASYNC-SELECT 0"
        let delete = "SLOTSRESTORE-ASYNC delete k"
        let expire = "SLOTSRESTORE-ASYNC expire k 500"
        let whole = try stream(select, delete, "SLOTSRESTORE-ASYNC list k 9 3 a b c", expire)
        let cut = try stream(
            select, delete, "SLOTSRESTORE-ASYNC list k 9 3 a", "SLOTSRESTORE-ASYNC list k 9 3 b c", expire)
        #expect(whole.differences(cut).isEmpty)
        for other in [
            try stream(delete, "SLOTSRESTORE-ASYNC list k 9 3 a b c", expire),
            try stream(select, "SLOTSRESTORE-ASYNC list k 9 3 a b c", expire),
            try stream(select, delete, "SLOTSRESTORE-ASYNC list k 9 3 a c b", expire),
            try stream(select, delete, "SLOTSRESTORE-ASYNC list k 9 2 a b c", expire),
            try stream(select, delete, "SLOTSRESTORE-ASYNC list k 8 3 a b c", expire),
            try stream(select, delete, "SLOTSRESTORE-ASYNC dict k 9 3 a b c", expire),
            try stream(select, delete, "SLOTSRESTORE-ASYNC list k 9 3 a b c"),
            try stream(select, delete, "SLOTSRESTORE-ASYNC list k 9 3 a b c", "SLOTSRESTORE-ASYNC expire k 0"),
            try stream(select, delete, "SLOTSRESTORE-ASYNC list k 9 3 a b c", expire, "PING 1"),
            try stream(select),
        ] {
            #expect(!whole.differences(other).isEmpty)
        }
    }
}
