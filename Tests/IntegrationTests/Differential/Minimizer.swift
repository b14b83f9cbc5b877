/// Makes a failing sequence shorter by leaving parts out, as long as it still fails ("delta debugging").
/// - Parameters:
///   - sequence: what fails.
///   - attempts: how often it may be tried.
///   - fails: whether a shorter sequence fails as well.
/// - Returns: a sequence that fails and of which, if the attempts sufficed, no part can be left out.
func minimized<Element>(
    _ sequence: [Element], attempts: Int = 400, fails: ([Element]) throws -> Bool
) rethrows -> [Element] {
    var shortest = sequence
    var left = attempts
    var size = max(1, sequence.count / 2)
    while left > 0 {
        var position = 0
        var removedAny = false
        while position < shortest.count && left > 0 {
            var candidate = shortest
            candidate.removeSubrange(position..<min(position + size, shortest.count))
            left -= 1
            if try !candidate.isEmpty && fails(candidate) {
                shortest = candidate
                removedAny = true
            } else {
                position += size
            }
        }
        if size == 1 && !removedAny { break }
        size = max(1, size / 2)
    }
    return shortest
}
