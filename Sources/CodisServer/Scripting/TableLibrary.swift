import CLua
import Memory

/// The functions of `table` that Lua does not let be stopped, where they have much to do. With little, and with what is
/// wrong, Lua's own go on; so they do where a function compares, for a script can be stopped in there.
enum TableLibrary {
    /// Lua sorts fewer elements within a millisecond or so.
    private static let leastElements = 4096

    /// `sort(table [, comp])`
    static func sort(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.type(at: 1) == .table, stack.isAbsent(at: 2) else { return .goOn }
        let count = stack.length(at: 1)
        guard count >= leastElements, count <= Int32.max else { return .goOn }
        stack.setCount(1)
        do throws(TableSorter.Failure) {
            var sorter = TableSorter(stack)
            try sorter.sort(1, count)
            return .nothing
        } catch {
            stack.setCount(1)
            // Of what cannot be compared, or has its own way to be, Lua knows more.
            if error == .notComparable { return .goOn }
            return .stopped(stack)
        }
    }

    // MARK: Moving elements

    /// Lua moves fewer within a millisecond or so.
    private static let leastMoves = 100_000

    /// `insert(table, place, value)`
    static func insert(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.count == 3, stack.type(at: 1) == .table, stack.isNumeric(at: 2) else { return .goOn }
        let place = Int(Int32(truncatingIfNeeded: stack.integer(at: 2)))
        let end = stack.length(at: 1) + 1
        guard end - place >= leastMoves, end <= Int32.max else { return .goOn }
        for number in stride(from: end, to: place, by: -1) {
            guard move(number - 1, to: number, stack) else { return .stopped(stack) }
        }
        stack.push(valueAt: 3)
        stack.setElement(place, ofTableAt: 1)
        return .nothing
    }

    /// `remove(table, place)`
    static func remove(_ stack: LuaStack) -> LuaFunctionResult {
        guard stack.count == 2, stack.type(at: 1) == .table, stack.isNumeric(at: 2) else { return .goOn }
        let place = Int(Int32(truncatingIfNeeded: stack.integer(at: 2)))
        let end = stack.length(at: 1)
        guard place >= 1, end - place >= leastMoves, end <= Int32.max else { return .goOn }
        stack.pushElement(place, ofTableAt: 1)
        for number in place..<end {
            guard move(number + 1, to: number, stack) else { return .stopped(stack) }
        }
        stack.pushNil()
        stack.setElement(end, ofTableAt: 1)
        return .results(1)
    }

    /// `false` when the script is to end.
    private static func move(_ number: Int, to other: Int, _ stack: LuaStack) -> Bool {
        stack.pushElement(number, ofTableAt: 1)
        stack.setElement(other, ofTableAt: 1)
        return number % leastMoves != 0 || stack.withServer { $0.endOfScript() } == nil
    }
}

/// Quicksort of the table at the bottom of a stack, in place; short runs are left to insertion.
private struct TableSorter {
    enum Failure: Error {
        case notComparable, interrupted
    }

    private static let shortRun = 12
    private static let comparisonsAtOnce = 50_000

    private let stack: LuaStack
    private var comparisonsLeft = TableSorter.comparisonsAtOnce

    init(_ stack: LuaStack) { self.stack = stack }

    mutating func sort(_ first: Int, _ last: Int) throws(Failure) {
        var runs = [(first, last)]
        while let (first, last) = runs.popLast() {
            if last - first < Self.shortRun {
                try sortShort(first, last)
                continue
            }
            let middle = try partition(first, last)
            // The longer run waits, so that few do.
            let halves = [(first, middle), (middle + 1, last)]
            runs += middle - first > last - middle ? halves : halves.reversed()
        }
    }

    private mutating func sortShort(_ first: Int, _ last: Int) throws(Failure) {
        for next in stride(from: first + 1, through: last, by: 1) {
            var place = next
            while place > first {
                stack.pushElement(place, ofTableAt: 1)
                stack.pushElement(place - 1, ofTableAt: 1)
                guard try isLess(-2, -1) else {
                    stack.pop(2)
                    break
                }
                stack.setElement(place, ofTableAt: 1)
                stack.setElement(place - 1, ofTableAt: 1)
                place -= 1
            }
        }
    }

    /// Moves what is less than the middle element to the front, and answers where the front ends: neither part is empty.
    private mutating func partition(_ first: Int, _ last: Int) throws(Failure) -> Int {
        stack.pushElement(first + (last - first) / 2, ofTableAt: 1)
        defer { stack.setCount(1) }
        // The middle element itself stops both ways at first, later what was exchanged does.
        var (low, high) = (first - 1, last + 1)
        while true {
            repeat {
                low += 1
                stack.setCount(2)
                stack.pushElement(low, ofTableAt: 1)
            } while try isLess(-1, 2)
            stack.setCount(2)
            repeat {
                high -= 1
                stack.setCount(2)
                stack.pushElement(high, ofTableAt: 1)
            } while try isLess(2, -1)
            stack.setCount(2)
            if low >= high { return high }
            stack.pushElement(low, ofTableAt: 1)
            stack.pushElement(high, ofTableAt: 1)
            stack.setElement(low, ofTableAt: 1)
            stack.setElement(high, ofTableAt: 1)
        }
    }

    private mutating func isLess(_ one: Int32, _ other: Int32) throws(Failure) -> Bool {
        comparisonsLeft -= 1
        if comparisonsLeft == 0 {
            comparisonsLeft = Self.comparisonsAtOnce
            if stack.withServer({ $0.endOfScript() }) != nil { throw .interrupted }
        }
        let type = stack.type(at: one)
        guard type == stack.type(at: other), type == .number || type == .string else { throw .notComparable }
        // Of such values it raises nothing.
        return unsafe lua_lessthan(stack.state, one, other) != 0
    }
}
