extension Entry {
    /// The sorted set of a key that holds one. Setting it keeps what a change of the handle made of it; the database's
    /// own functions store another value.
    public var sortedSet: SortedSetValue {
        get { SortedSetValue(Value(type: type, encoding: encoding, payload: payload)) }
        nonmutating set { keep(newValue.value) }
    }
}
