import CCrypto

/// SHA-1, as OpenSSL computes it. Not for secrets: for data set digests and names of scripts.
@safe
struct SHA1: ~Copyable {
    typealias Digest = [20 of UInt8]

    private let algorithm: OpaquePointer
    private let context: OpaquePointer

    init() {
        guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA1", nil), let context = unsafe EVP_MD_CTX_new() else {
            fatalError("OpenSSL has no SHA-1")
        }
        unsafe self.algorithm = algorithm
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
        unsafe EVP_MD_free(algorithm)
    }

    /// O(length).
    func digest(of bytes: RawSpan) -> Digest {
        var digest = Digest(repeating: 0)
        var target = digest.mutableSpan
        let succeeded = unsafe bytes.withUnsafeBytes { source in
            unsafe target.withUnsafeMutableBufferPointer { target in
                unsafe EVP_DigestInit_ex2(context, algorithm, nil) == 1
                    && EVP_DigestUpdate(context, source.baseAddress, source.count) == 1
                    && EVP_DigestFinal_ex(context, target.baseAddress, nil) == 1
            }
        }
        precondition(succeeded, "SHA-1 failed")
        return digest
    }
}

extension InlineArray where Element == UInt8 {
    /// The elements as a view.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(span.bytes, borrowing: self) }
    }
}
