import Glibc

/// How long tests try what comes by chance.
enum Fuzzing {
    /// The environment's `FUZZ_ROUNDS`, or else so many.
    static func rounds(or count: Int) -> Int {
        unsafe getenv("FUZZ_ROUNDS").flatMap { unsafe Int(String(cString: $0)) } ?? count
    }
}
