/// A reference without a reference count to one value on the heap.
///
/// For the few long-lived things that many places know (a client, a link to another server) and that live on the hot
/// path, where retain and release of a class would cost more than the work. Whoever calls ``init(_:)`` owns the value
/// and ends it with ``destroy()``, once; a handle must not be used after that. Owners therefore end values only
/// between two turns of
/// the event loop, and everything that outlives a turn keeps an identifier instead of a handle.
@safe
@frozen
public struct Handle<Value: ~Copyable>: Equatable {
    @usableFromInline let pointer: UnsafeMutablePointer<Value>

    /// Moves `value` to the heap. O(size of `Value`).
    @inlinable
    public init(_ value: consuming Value) {
        unsafe pointer = UnsafeMutablePointer<Value>.allocate(capacity: 1)
        unsafe pointer.initialize(to: value)
    }

    /// The value itself, changed in place.
    @inlinable
    public var value: Value {
        unsafeAddress { unsafe UnsafePointer(pointer) }
        nonmutating unsafeMutableAddress { unsafe pointer }
    }

    /// Ends the value and gives its memory back. No copy of the handle may be used afterwards.
    @inlinable
    public func destroy() {
        unsafe pointer.deinitialize(count: 1)
        unsafe pointer.deallocate()
    }

    @inlinable
    public static func == (left: Handle, right: Handle) -> Bool { unsafe left.pointer == right.pointer }
}
