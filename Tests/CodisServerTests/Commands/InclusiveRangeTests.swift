import Testing

@testable import CodisServer

struct InclusiveRangeTests {
    /// Every pair of ends around strings of up to five bytes, against Redis 2.8's rule in its own words.
    @Test func agreesWithTheRule() {
        for count in 0...5 {
            for start in Int64(-8)...8 {
                for end in Int64(-8)...8 {
                    let length = Int64(count)
                    var (first, last) = (start, end)
                    if first < 0 { first += length }
                    if last < 0 { last += length }
                    if first < 0 { first = 0 }
                    if last < 0 { last = 0 }
                    if last >= length { last = length - 1 }
                    let expected = first > last ? nil : Int(first)..<Int(last + 1)
                    #expect(Range(from: start, through: end, count: count) == expected, "\(start) \(end) of \(count)")
                }
            }
        }
    }

    @Test func takesTheLargestEnds() {
        #expect(Range(from: .min, through: .max, count: 3) == 0..<3)
        #expect(Range(from: .max, through: .max, count: 3) == nil)
        #expect(Range(from: .min, through: .min, count: 3) == 0..<1)
    }

    /// The same for elements of collections, where an end before the first one leaves nothing.
    @Test func elementsAgreeWithTheRule() {
        for count in 0...5 {
            for start in Int64(-8)...8 {
                for end in Int64(-8)...8 {
                    let length = Int64(count)
                    var (first, last) = (start, end)
                    if first < 0 { first += length }
                    if last < 0 { last += length }
                    if first < 0 { first = 0 }
                    let isEmpty = first > last || first >= length
                    if last >= length { last = length - 1 }
                    let expected = isEmpty ? nil : Int(first)..<Int(last + 1)
                    let range = Range(ofElementsFrom: start, through: end, count: count)
                    #expect(range == expected, "\(start) \(end) of \(count)")
                }
            }
        }
        #expect(Range(ofElementsFrom: .min, through: .max, count: 3) == 0..<3)
        #expect(Range(ofElementsFrom: .min, through: .min, count: 3) == nil)
    }
}
