import Glibc
import Logging
import SlotStorage

/// Reading the data set from an RDB file.
extension Server {
    /// Reads the data set from the file of the last snapshot; without one it stays empty. Throws what to tell the
    /// operator.
    mutating func loadRDBFile(servesClients: Bool = true) throws(StartError) {
        let name = configuration.dbfilename
        let file: DataFile
        do throws(SystemError) {
            file = try DataFile.open(name, .read)
        } catch {
            if error.code == ENOENT { return }
            throw StartError("Cannot open the RDB file \(name): \(error.description)")
        }
        let size = (try? file.size()) ?? 0
        beginLoading(file: name, bytes: size, servesClients: servesClients)
        // What is read is no change.
        let changes = dirty
        defer {
            dirty = changes
            endLoading()
        }
        let start = Clock.monotonicNow()
        // Where it is read again by a server that runs, that has a place of its own.
        let place = replication.isRecording ? nil : ReplicationPlace.beside(name)
        let isPlaced = replication.isRecording || place != nil
        guard let length = try readRDB(from: file, named: name, isPlaced: isPlaced) else { return }
        if let place { resume(at: place) }
        if length < size {
            logger.warning("The RDB file \(name) ends at byte \(length); what is behind it has not been looked at")
        }
        let seconds = Double(Clock.monotonicNow() - start) / 1e9
        logger.notice("DB loaded from disk: \(InfoText.twoDecimals(seconds)) seconds")
    }

    /// Reads an RDB file, or one at the front of another file, and puts what it holds in the place of the data set.
    /// ``beginLoading(file:bytes:servesClients:)`` comes before it. Answers the length of the RDB file; `nil` when the
    /// server was told to end, and loading with it.
    ///
    /// With `isPlaced`, keys whose time has passed are kept: replicas that go on with this data set have to be told of
    /// their end.
    mutating func readRDB(
        from file: borrowing DataFile, named name: String, isPlaced: Bool = false
    ) throws(StartError) -> Int? {
        var loader = KeyspaceLoader(
            databaseCount: keyspace.databaseCount, limits: configuration.encodingLimits,
            dropsKeysExpiredBefore: configuration.slaveof == nil && !isPlaced ? clock.milliseconds : nil,
            accessClock: newAccessClock)
        while try load(&loader, named: name) == .needsInput {
            guard noteLoaded(loader.bytesRead) else { return nil }
            try feed(&loader, from: file, named: name)
        }
        if loader.expiredKeys > 0 { logger.notice("\(loader.expiredKeys) keys had expired and were left out") }
        let length = loader.bytesRead
        replaceDataSet(with: loader.finish())
        return length
    }

    /// Loads what has been read of the file.
    private func load(
        _ loader: inout KeyspaceLoader, named name: String
    ) throws(StartError) -> KeyspaceLoader.Progress {
        do throws(RDBFileError) {
            return try loader.load(atMost: .max)
        } catch {
            throw StartError(
                """
                Bad file format reading the RDB file \(name) \(error). Nothing of it is loaded. \
                'codis-server check-rdb \(name)' tells what of it can be read, and with --fix it cuts off the rest
                """)
        }
    }

    /// Reads the next part of the file: some milliseconds of work.
    private func feed(
        _ loader: inout KeyspaceLoader, from file: borrowing DataFile, named name: String
    ) throws(StartError) {
        do throws(SystemError) {
            if try file.read(upTo: 256 << 10, into: &loader) == 0 { loader.endInput() }
        } catch {
            throw StartError("Cannot read the RDB file \(name): \(error.description)")
        }
    }

    /// Puts another data set in the place of the present one, which is freed aside. A snapshot that runs is given up.
    /// O(databases).
    mutating func replaceDataSet(with new: consuming Keyspace) {
        abortSnapshot(.intended("the data set is replaced"))
        // Nothing of the old data set has to be marked any more.
        snapshot.walk = nil
        emptyDataSet()
        freeDiscards()
        keyspace = new
        updateAccessClock()
        expirySweep = ExpirySweep()
    }
}
