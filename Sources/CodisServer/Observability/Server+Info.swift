import Glibc
import Memory
import RESP
import SlotStorage

/// The sections of INFO: names and order of the fields are those of Redis 2.8. What the server does not have stands
/// there as it does in a Redis where it rests.
extension Server {
    /// The version whose commands, replies and files the server has.
    static let redisVersion = "2.8.24"

    func writeServerInfo(to text: inout InfoText) {
        let uptime = Int(clock.seconds - startedAt)
        text.field("redis_version", Self.redisVersion)
        text.field("redis_git_sha1", "00000000")
        text.field("redis_git_dirty", 0)
        text.field("redis_build_id", "0")
        text.field("redis_mode", "standalone")
        text.field("os", ProcessFigures.operatingSystem)
        text.field("arch_bits", Int.bitWidth)
        text.field("multiplexing_api", "epoll")
        // As Redis says when another compiler than GCC made it.
        text.field("gcc_version", "0.0.0")
        text.field("process_id", Int(getpid()))
        text.field("run_id", runID)
        text.field("tcp_port", configuration.port)
        text.field("uptime_in_seconds", uptime)
        text.field("uptime_in_days", uptime / (24 * 60 * 60))
        text.field("hz", configuration.hz)
        text.field("lru_clock", Int(clock.seconds & 0xff_ffff))
        text.field("config_file", configuration.file ?? "")
    }

    func writeClientsInfo(to text: inout InfoText) {
        var longestOutput = 0
        var biggestInput = 0
        var blocked = 0
        for (_, client) in clients {
            longestOutput = max(longestOutput, client.reply.chunkCount)
            biggestInput = max(biggestInput, client.state.input.count)
            if !client.state.flags.isDisjoint(with: [.waitsForReply, .waitsForPin]) { blocked += 1 }
        }
        text.field("connected_clients", clients.count)
        text.field("client_longest_output_list", longestOutput)
        text.field("client_biggest_input_buf", biggestInput)
        text.field("blocked_clients", blocked)
    }

    mutating func writeMemoryInfo(to text: inout InfoText) {
        let allocator = AllocatorStatistics.current()
        let used = usedMemory
        statistics.sampleMemory(used)
        text.bytes("used_memory", used)
        text.field("used_memory_rss", ProcessFigures.residentMemory)
        text.bytes("used_memory_peak", statistics.peakMemory)
        text.field("used_memory_lua", scripting.machine.value.usedMemory)
        text.field("mem_fragmentation_ratio", Double(allocator.resident) / Double(max(allocator.allocated, 1)))
        text.field("mem_allocator", "jemalloc-\(AllocatorStatistics.version)")
        // Beyond Redis 2.8: what is not data, and what is.
        let overhead = min(startupMemory + clientMemory, used)
        text.field("used_memory_startup", startupMemory)
        text.field("used_memory_overhead", overhead)
        text.field("used_memory_dataset", used - overhead)
        // The allocator's own figures, in which caches of its own are not counted as used.
        text.field("allocator_allocated", allocator.allocated)
        text.field("allocator_active", allocator.active)
        text.field("allocator_resident", allocator.resident)
        text.field("allocator_frag_ratio", Double(allocator.active) / Double(max(allocator.allocated, 1)))
        text.field("allocator_rss_ratio", Double(allocator.resident) / Double(max(allocator.active, 1)))
        // What the thread that runs commands ever allocated: two readings tell the cost of what was between them.
        text.field("allocator_thread_allocated", memory.allocatedBytes)
        text.bytes("maxmemory", configuration.maxmemory)
        text.field("maxmemory_policy", configuration.maxmemoryPolicy.rawValue)
        // Of Redis 4 and 6.2: keys and values that wait to be freed beside the event loop, and those that were.
        text.field("lazyfree_pending_objects", helper.pendingFrees.count)
        text.field("lazyfreed_objects", statistics.lazilyFreed)
    }

    /// Bytes that the connections hold: their states and buffers.
    private var clientMemory: Int {
        var total = 0
        for (_, client) in clients {
            total += MemoryLayout<ClientState>.stride + client.state.input.capacity + client.reply.allocatedBytes
        }
        return total
    }

    func writePersistenceInfo(to text: inout InfoText) {
        text.field("loading", loading == nil ? 0 : 1)
        let save = snapshot.running.flatMap { $0.purpose == .save ? $0 : nil }
        text.field("rdb_changes_since_last_save", changesSinceSave)
        text.field("rdb_bgsave_in_progress", save == nil ? 0 : 1)
        text.field("rdb_last_save_time", Int(saves.lastSave))
        text.field("rdb_last_bgsave_status", saves.hasFailed ? "err" : "ok")
        text.field("rdb_last_bgsave_time_sec", saves.lastDuration ?? -1)
        text.field("rdb_current_bgsave_time_sec", save?.seconds(at: clock.monotonic) ?? -1)
        writeAppendOnlyFileInfo(to: &text)
        writeSnapshotProgress(to: &text)
        if let loading {
            text.field("loading_start_time", Int(loading.startedAt))
            text.field("loading_total_bytes", loading.total)
            text.field("loading_loaded_bytes", loading.loaded)
            text.field("loading_loaded_perc", loading.percent)
            text.field("loading_eta_seconds", loading.estimatedSeconds(at: Clock.monotonicNow()))
        }
    }

    private func writeAppendOnlyFileInfo(to text: inout InfoText) {
        text.field("aof_enabled", configuration.appendonly ? 1 : 0)
        text.field("aof_rewrite_in_progress", appendOnlyFile.rewrite.isRunning ? 1 : 0)
        text.field("aof_rewrite_scheduled", appendOnlyFile.rewrite.isScheduled ? 1 : 0)
        text.field("aof_last_rewrite_time_sec", appendOnlyFile.rewrite.lastDuration ?? -1)
        text.field("aof_current_rewrite_time_sec", appendOnlyFile.rewrite.seconds(at: clock.monotonic) ?? -1)
        text.field("aof_last_bgrewrite_status", appendOnlyFile.rewrite.lastHasFailed ? "err" : "ok")
        text.field("aof_last_write_status", appendOnlyFile.failure == nil ? "ok" : "err")
        guard let writer = appendOnlyFile.writer else { return }
        text.field("aof_current_size", appendOnlyFile.size)
        text.field("aof_base_size", appendOnlyFile.baseSize)
        text.field("aof_pending_rewrite", appendOnlyFile.rewrite.isScheduled ? 1 : 0)
        text.field("aof_buffer_length", writer.backlog)
        text.field("aof_rewrite_buffer_length", appendOnlyFile.rewrite.changes.count)
        text.field("aof_pending_bio_fsync", appendOnlyFile.isSynchronizing ? 1 : 0)
        text.field("aof_delayed_fsync", appendOnlyFile.delayedSynchronizations)
    }

    /// How long the last snapshot, or the one that runs, held everybody at a time, and how far the latter has come;
    /// Redis has nothing like it.
    private func writeSnapshotProgress(to text: inout InfoText) {
        text.field("snapshot_longest_slice_usec", Int(snapshot.longestSlice / 1000))
        guard let running = snapshot.running else { return }
        text.field("snapshot_purpose", running.purpose.name)
        text.field("snapshot_keys_done", min(running.keysDone, running.keys))
        text.field("snapshot_keys_total", running.keys)
        text.field("snapshot_bytes", running.bytes)
        text.field("snapshot_seconds_left", running.estimatedSeconds(at: clock.monotonic) ?? -1)
    }

    func writeStatsInfo(to text: inout InfoText) {
        text.field("total_connections_received", statistics.connectionsReceived)
        text.field("total_commands_processed", statistics.commandsProcessed)
        text.field("instantaneous_ops_per_sec", Int(statistics.commandRate.perSecond))
        text.field("total_net_input_bytes", statistics.networkInput)
        text.field("total_net_output_bytes", statistics.networkOutput)
        text.field("instantaneous_input_kbps", statistics.inputRate.perSecond / 1024)
        text.field("instantaneous_output_kbps", statistics.outputRate.perSecond / 1024)
        text.field("rejected_connections", statistics.rejectedConnections)
        text.field("sync_full", replication.fullSyncs)
        text.field("sync_partial_ok", replication.partialSyncs)
        text.field("sync_partial_err", replication.refusedPartialSyncs)
        text.field("expired_keys", statistics.expiredKeys)
        text.field("evicted_keys", statistics.evictedKeys)
        text.field("keyspace_hits", statistics.keyspaceHits)
        text.field("keyspace_misses", statistics.keyspaceMisses)
        text.field("pubsub_channels", pubSub.channelNames.count)
        text.field("pubsub_patterns", pubSub.patterns.count)
        text.field("latest_fork_usec", 0)
    }

    func writeCPUInfo(to text: inout InfoText) {
        let own = ProcessFigures.ownTime
        let children = ProcessFigures.childrenTime
        text.field("used_cpu_sys", own.system)
        text.field("used_cpu_user", own.user)
        text.field("used_cpu_sys_children", children.system)
        text.field("used_cpu_user_children", children.user)
    }

    func writeKeyspaceInfo(to text: inout InfoText) {
        for number in 0..<keyspace.databaseCount where keyspace[number].count > 0 {
            let expiring = keyspace[number].expiringCount
            let averageTTL = expiring > 0 ? expirySweep.averageTTL(ofDatabase: number) : 0
            text.field("db\(number)", "keys=\(keyspace[number].count),expires=\(expiring),avg_ttl=\(averageTTL)")
        }
    }
}
