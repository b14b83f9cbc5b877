/// Why a value was not taken.
enum ValueError: Error, Equatable {
    /// It is no value of this kind. The configuration file's error shows the message; `CONFIG SET` has one of its own.
    case invalid(String)
    /// It is one, but cannot be had. Both show the message.
    case refused(String)
}

/// How the value of a directive is written: in a configuration line, in `CONFIG SET`, and in the reply to `CONFIG GET`.
struct ValueSyntax<Value: Sendable>: Sendable {
    /// How many words a configuration line has after the directive's name.
    let wordCounts: ClosedRange<Int>

    /// Takes the words of a line. Directives that may stand several times add to the value there is.
    let readLine: @Sendable (_ value: inout Value, _ words: [ConfigurationWord]) throws(ValueError) -> Void

    /// Takes the argument of `CONFIG SET`.
    let readArgument: @Sendable (_ value: inout Value, _ argument: ConfigurationWord) throws(ValueError) -> Void

    /// The value as `CONFIG GET` replies it.
    let print: @Sendable (Value) -> [UInt8]

    /// How `CONFIG REWRITE` writes it.
    var rewriting = Rewriting.asPrinted

    enum Rewriting: Sendable {
        /// One line with what `CONFIG GET` replies.
        case asPrinted
        /// Lines of their own form, or none.
        case lines(@Sendable (Value) -> [[UInt8]])
        /// Its lines stay as they are.
        case never
    }
}

extension ValueSyntax {
    /// The values of the lines that say it; `nil` if they are not to be rewritten.
    func lines(_ value: Value) -> [[UInt8]]? {
        switch rewriting {
        case .asPrinted: [print(value)]
        case .lines(let lines): lines(value)
        case .never: nil
        }
    }

    /// The same syntax, rewritten in another way.
    func rewritten(_ rewriting: Rewriting) -> Self {
        var syntax = self
        syntax.rewriting = rewriting
        return syntax
    }

    /// The same syntax, rewritten in quotes.
    var quoted: Self {
        let print = print
        return rewritten(.lines { [ConfigurationLine.quoted(print($0))] })
    }

    /// The same syntax, rewritten without quotes, and not at all where there is nothing.
    var optional: Self {
        let print = print
        return rewritten(.lines { value in [print(value)].filter { !$0.isEmpty } })
    }

    /// A value of one word, written alike everywhere.
    init(
        read: @escaping @Sendable (ConfigurationWord) throws(ValueError) -> Value,
        print: @escaping @Sendable (Value) -> [UInt8]
    ) {
        self.init(
            wordCounts: 1...1,
            readLine: { value, words throws(ValueError) in value = try read(words[0]) },
            readArgument: { value, argument throws(ValueError) in value = try read(argument) },
            print: print)
    }
}

extension ValueSyntax where Value: Comparable {
    /// The same syntax, with values beyond the range moved to its nearest end, silently as Redis does.
    func clamped(to range: ClosedRange<Value>) -> Self {
        let (readLine, readArgument) = (readLine, readArgument)
        return Self(
            wordCounts: wordCounts,
            readLine: { value, words throws(ValueError) in
                try readLine(&value, words)
                value = min(max(value, range.lowerBound), range.upperBound)
            },
            readArgument: { value, argument throws(ValueError) in
                try readArgument(&value, argument)
                value = min(max(value, range.lowerBound), range.upperBound)
            },
            print: print, rewriting: rewriting)
    }
}
